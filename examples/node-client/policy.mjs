// The trust decision: what a relying party wants, and the floors that hold whatever else it says. docs/protocol.md,
// section 2.7.

import { MECHANISMS, hex, iso, parseStatement, verifyEvidence } from './evidence.mjs';
import { MalformedError, RefusedError, reason } from './errors.mjs';

const KNOWN = new Set([
  'anchors', 'signer', 'product', 'svn', 'measurements', 'runtimes', 'platforms', 'allowDebug', 'allowSameUser', 'allowMock',
  'confined', 'maxSessionAge', 'maxCertificateAge', 'now',
]);

const FLOORS = ['allowDebug', 'allowSameUser', 'allowMock'];
const LISTS = ['anchors', 'measurements', 'runtimes', 'platforms', 'confined'];

/**
 * @typedef {object} Wanted what is undefined is absent
 * @property {object[]} anchors pinned keepers, from `parseAnchor`
 * @property {Uint8Array} [signer] who signed the bundle, 32 bytes; with `product` and `svn`
 * @property {number} [product] the product id
 * @property {number} [svn] the oldest security version accepted
 * @property {Uint8Array[]} [measurements] the SHA-256 measurements accepted; beside a signer, both must hold
 * @property {Uint8Array[]} [runtimes] the Java runtime digests accepted; any where absent
 * @property {string[]} [platforms] the platforms accepted; `process` and `vm` where absent
 * @property {string[]} [confined] the mechanisms that must confine it, such as `secret-heap`; none where absent
 * @property {boolean} [allowDebug] accept enclaves that whoever runs them can read
 * @property {boolean} [allowSameUser] accept enclaves that share their user with keeper or host
 * @property {boolean} [allowMock] accept the platform that protects nothing
 * @property {number} [maxSessionAge] seconds, 300 where absent
 * @property {number} [maxCertificateAge] seconds, 366 days where absent
 * @property {() => number} [now] seconds since 1970
 */

/** A relying party's decision. */
export class Policy {
  #wanted;

  /** @param {Wanted} wanted refused where it says nothing about the code, so that a slip never means "any" */
  constructor(wanted) {
    // A misspelt setting must not silently be the same as none.
    const unknown = Object.keys(wanted).filter((key) => !KNOWN.has(key));
    if (unknown.length > 0) throw new TypeError(`unknown setting ${unknown.join(', ')}`);
    // Nor must one that is undefined, no number or no truth value be the same as "any": nothing is more than NaN.
    const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
    requireTypes(given);
    const { signer, product, svn, measurements = [], runtimes = [] } = given;
    if (signer === undefined && measurements.length === 0) throw new TypeError('say which code: a signer or measurements');
    if (signer !== undefined && !(signer.length === 32 && isCount(product) && isCount(svn))) {
      throw new TypeError('a signer has 32 bytes, and a product id and an oldest security version with it');
    }
    if ([...measurements, ...runtimes].some((digest) => digest.length !== 32)) throw new TypeError('digests have 32 bytes');
    this.#wanted = {
      platforms: given.allowMock ? ['process', 'vm', 'mock'] : ['process', 'vm'],
      confined: [],
      maxSessionAge: 300,
      maxCertificateAge: 366 * 24 * 3600,
      now: () => Date.now() / 1000,
      ...given,
      measurements: measurements.map(hex),
      runtimes: runtimes.map(hex),
    };
  }

  /**
   * Verifies and appraises evidence.
   *
   * @param {Uint8Array} evidence hostile bytes
   * @param {Buffer} reportData what it must be bound to, 64 bytes
   * @param {'certificate'|'session'|'statement'} purpose decides how old it may be
   * @returns {object} the proven claims
   * @throws {RefusedError} with every reason
   * @throws {TypeError} if the clock gives no number or there is no such purpose
   */
  appraise(evidence, reportData, purpose) {
    const now = this.#wanted.now();
    if (!Number.isFinite(now)) throw new TypeError(`now: a clock that gives ${now} tells no age`);
    if (!['certificate', 'session', 'statement'].includes(purpose)) throw new TypeError(`there is no purpose ${purpose}`);
    const { claims, reasons } = verifyEvidence(evidence, this.#wanted.anchors ?? [], now);
    if (claims) this.#check(claims, reportData, purpose, now, reasons);
    if (reasons.length > 0) throw new RefusedError(purpose, reasons);
    return claims;
  }

  /**
   * Verifies a statement, offline.
   *
   * @param {Uint8Array} bytes hostile
   * @returns {{purpose: string, content: Buffer, claims: object}} how old it may be is the caller's to decide
   */
  verifyStatement(bytes) {
    let statement;
    try {
      statement = parseStatement(bytes);
    } catch (e) {
      if (!(e instanceof MalformedError)) throw e;
      const remedy = 'These bytes are not what an enclave signed: get them again';
      throw new RefusedError('statement', [reason('MALFORMED', e.field, e.message, 'a statement', remedy)]);
    }
    if (!statement.signatureValid) {
      const remedy = 'The statement was changed after it was signed: get it again';
      const wanted = 'that of the key that the statement names';
      throw new RefusedError('statement', [reason('SIGNATURE_INVALID', 'statement.signature', 'a wrong signature', wanted, remedy)]);
    }
    const claims = this.appraise(statement.evidence, statement.expectedReportData, 'statement');
    return { purpose: statement.purpose, content: statement.content, claims };
  }

  #check(claims, reportData, purpose, now, reasons) {
    const { signer, product, svn, measurements, runtimes, platforms } = this.#wanted;
    const refuse = (...parts) => reasons.push(reason(...parts));
    if (!claims.reportData.equals(reportData)) {
      refuse('REPORT_DATA_MISMATCH', 'report-data', hex(claims.reportData).slice(0, 16), hex(reportData).slice(0, 16),
        'The evidence was made for something else and may be replayed or relayed: do not use this connection');
    }
    if (claims.debug && !this.#wanted.allowDebug) {
      refuse('DEBUG_ENCLAVE', 'debug', true, false, 'Whoever runs a debug enclave can read it: pack it without debug');
    }
    if (claims.platform === 'mock' && !this.#wanted.allowMock) {
      refuse('MOCK_PLATFORM', 'platform', 'mock', 'a platform that protects', 'Mock evidence is for tests');
    }
    if (claims.isolation !== 'separate-user' && !this.#wanted.allowSameUser) {
      refuse('ISOLATION_SAME_USER', 'isolation', claims.isolation, 'separate-user',
        'Keeper, host and enclave share a user, so each can read the enclave: run the keeper as a service');
    }
    const most = { session: this.#wanted.maxSessionAge, certificate: this.#wanted.maxCertificateAge, statement: Infinity }[purpose];
    if (!(now - claims.issuedAt <= most)) {
      refuse('EVIDENCE_STALE', 'issued-at', iso(claims.issuedAt), `at most ${most} seconds before ${iso(now)}`,
        "Check both machines' clocks; connect again for fresh evidence, or restart the enclave");
    }
    if (!platforms.includes(claims.platform)) {
      refuse('PLATFORM_NOT_ACCEPTED', 'platform', claims.platform, platforms.join(', '), 'Run it on an accepted platform');
    }
    if (signer !== undefined) {
      if (!claims.signer.equals(signer)) {
        refuse('SIGNER_MISMATCH', 'signer', hex(claims.signer), hex(signer), 'Someone else signed this bundle');
      }
      if (claims.productId !== product) {
        refuse('PRODUCT_MISMATCH', 'product-id', claims.productId, product, 'This is another product of that developer');
      }
      if (claims.securityVersion < svn) {
        refuse('SVN_TOO_LOW', 'security-version', claims.securityVersion, `${svn} or later`,
          'An older version with known weaknesses runs: the operator must start a newer bundle');
      }
    }
    if (measurements.length > 0 && !measurements.includes(hex(claims.measurement))) {
      refuse('MEASUREMENT_MISMATCH', 'measurement', `sha-256:${hex(claims.measurement)}`, measurements.join(' or '),
        'Other code, runtime or configuration runs than was agreed');
    }
    for (const name of MECHANISMS.filter((each) => this.#wanted.confined.includes(each) && !claims.confinement.includes(each))) {
      refuse('CONFINEMENT_MISSING', name, false, true, 'The operating system does not confine the enclave in this way');
    }
    if (runtimes.length > 0 && !runtimes.includes(hex(claims.runtimeDigest))) {
      refuse('RUNTIME_MISMATCH', 'runtime-digest', hex(claims.runtimeDigest), runtimes.join(' or '),
        'Another Java runtime, or a changed one, runs the enclave');
    }
  }
}

function requireTypes(given) {
  for (const name of FLOORS.filter((each) => each in given)) {
    if (typeof given[name] !== 'boolean') throw new TypeError(`${name} is true or false, not ${given[name]}`);
  }
  for (const name of LISTS.filter((each) => each in given)) {
    if (!Array.isArray(given[name])) throw new TypeError(`${name} is a list`);
  }
  const strange = (given.confined ?? []).filter((name) => !MECHANISMS.includes(name));
  if (strange.length > 0) throw new TypeError(`confined: ${strange.join(', ')} is none of ${MECHANISMS.join(', ')}`);
  for (const name of ['maxSessionAge', 'maxCertificateAge'].filter((each) => each in given)) {
    if (!(Number.isFinite(given[name]) && given[name] >= 0)) throw new TypeError(`${name} is a number of seconds, not ${given[name]}`);
  }
  if ('now' in given && typeof given.now !== 'function') throw new TypeError('now is a function');
}

function isCount(value) {
  return Number.isInteger(value) && value >= 0;
}
