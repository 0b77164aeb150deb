// Evidence: COSE_Sign1 envelopes, keeper reports, report data. docs/protocol.md, section 2. The step numbers are those of
// section 2.6 there.

import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { Reader, Writer } from './cbor.mjs';
import { MalformedError, reason } from './errors.mjs';

const MAX_EVIDENCE_BYTES = 64 * 1024;
const MAX_PAYLOAD_BYTES = 1024 * 1024 + 4 * 1024;
const MAX_CLOCK_AHEAD_SECONDS = 120;
const LAST_SECOND = 253402300799; // 9999-12-31T23:59:59Z
const MAX_UINT32 = 0xffffffff;
const SPKI_PREFIX = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex');
const SPKI_BYTES = 91;
const ES256 = -7n;
const HEADER = { ALG: 1n, KID: 4n, SIGNER_KEY: -66301n, EVIDENCE: -66302n };

export const PROFILE = { KEEPER_REPORT: 'tag:innerkeep.org,2026:keeper-report/1', STATEMENT: 'tag:innerkeep.org,2026:statement/1' };
export const LABEL = { SESSION: 'innerkeep runtime: session v1', STATEMENT: 'innerkeep runtime: statement v1' };

export function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The 64 bytes of report data that bind parts under a label. */
export function reportData(label, ...parts) {
  const hash = createHash('sha256');
  for (const part of [Buffer.from(label, 'utf8'), ...parts]) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    hash.update(length).update(part);
  }
  return Buffer.concat([hash.digest(), Buffer.alloc(32)]);
}

/** The report data of a certificate: SHA-256 of its encoded claims, unlabelled, and zeros. */
export function certificateReportData(claims) {
  return Buffer.concat([sha256(claims), Buffer.alloc(32)]);
}

/** A P-256 key from its only accepted form; Node checks that the point is on the curve. */
export function p256Key(spki) {
  if (spki.length !== SPKI_BYTES || !spki.subarray(0, SPKI_PREFIX.length).equals(SPKI_PREFIX)) {
    throw new MalformedError('SubjectPublicKeyInfo', 'expected a P-256 key, named curve, uncompressed point, 91 bytes');
  }
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch {
    throw new MalformedError('SubjectPublicKeyInfo', 'expected a point on P-256, found another');
  }
}

/** Reads the line that a keeper shows, `keeper-key:` and base64url. */
export function parseAnchor(text) {
  const encoded = text.startsWith('keeper-key:') && text.length <= 1024 ? text.slice('keeper-key:'.length) : '';
  const spki = Buffer.from(encoded, 'base64url');
  // Node's decoder skips what it does not know; one key must have one text.
  if (encoded === '' || spki.toString('base64url') !== encoded) {
    throw new MalformedError('keeper key', "expected 'keeper-key:' and a public key in base64url; copy the whole line");
  }
  return { spki, id: sha256(spki), key: p256Key(spki) };
}

/** Parses a tagged COSE_Sign1 whose headers have exactly these labels in this order. */
function parseSign1(bytes, name, protectedLabels, unprotectedLabels) {
  const reader = new Reader(bytes);
  reader.tag('COSE_Sign1', 18);
  reader.array('COSE_Sign1', 4);
  const protectedBytes = reader.byteString('protected header', 1, 1024);
  const inner = new Reader(protectedBytes);
  const headers = header(inner, 'protected header', protectedLabels, name);
  inner.end('protected header');
  const unprotectedHeaders = header(reader, 'unprotected header', unprotectedLabels, name);
  const payload = reader.byteString('payload', 0, MAX_PAYLOAD_BYTES);
  const signature = reader.byteString('signature', 64, 64);
  reader.end('COSE_Sign1');
  return { protectedBytes, headers: new Map([...headers, ...unprotectedHeaders]), payload, signature };
}

function header(reader, where, labels, name) {
  const found = new Map();
  reader.map(where, labels.length);
  for (const label of labels) {
    if (reader.integer(`${where} label`) !== label) throw new MalformedError(`${name} ${where}`, `expected label ${label}`);
    if (label === HEADER.ALG) reader.integer('alg', ES256, ES256);
    else if (label === HEADER.KID) found.set(label, reader.byteString('kid', 32, 32));
    else if (label === HEADER.SIGNER_KEY) found.set(label, reader.byteString('signer key', SPKI_BYTES, SPKI_BYTES));
    else found.set(label, reader.byteString('evidence', 1, MAX_EVIDENCE_BYTES));
  }
  return found;
}

function signedBy(envelope, key) {
  const toBeSigned = new Writer()
    .array(4)
    .text('Signature1')
    .byteString(envelope.protectedBytes)
    .byteString(Buffer.alloc(0))
    .byteString(envelope.payload)
    .toBytes();
  return verifySignature('sha256', toBeSigned, { key, dsaEncoding: 'ieee-p1363' }, envelope.signature);
}

/** What can confine an enclave's process, in the order of its claims. */
export const MECHANISMS = ['secret-heap', 'landlock', 'seccomp', 'namespaces', 'cgroup'];

/** Reads the claims of one profile in their one order. */
class Claims {
  constructor(payload, name, count) {
    this.name = name;
    this.reader = new Reader(payload);
    this.reader.map(name, count);
  }

  #key(key, claim) {
    if (this.reader.integer(`${this.name}.${claim} key`) !== BigInt(key)) {
      throw new MalformedError(`${this.name}.${claim}`, `expected claim ${key}, found another`);
    }
    return `${this.name}.${claim}`;
  }

  number(key, claim, most) {
    return this.reader.number(this.#key(key, claim), 0, most);
  }

  bytes(key, claim, least, most = least) {
    return this.reader.byteString(this.#key(key, claim), least, most);
  }

  bool(key, claim) {
    return this.reader.bool(this.#key(key, claim));
  }

  text(key, claim, most) {
    return this.reader.text(this.#key(key, claim), most);
  }

  oneOf(key, claim, words) {
    const found = this.text(key, claim, 128);
    if (!words.includes(found)) throw new MalformedError(`${this.name}.${claim}`, `expected one of ${words.join(', ')}`);
    return found;
  }

  end() {
    this.reader.end(this.name);
  }
}

/** The measurement that follows from a platform and three digests. */
export function composeMeasurement(platform, bundleDigest, runtimeDigest, launchDigest) {
  return sha256(
    `innerkeep measurement 1\nplatform ${platform}\nbundle ${bundleDigest.toString('hex')}\n` +
      `runtime ${runtimeDigest.toString('hex')}\nlaunch ${launchDigest.toString('hex')}\n`,
  );
}

/** Steps 2 and 3: reads a keeper report. Checks form only. */
function parseReport(evidence) {
  const envelope = parseSign1(evidence, 'report', [HEADER.ALG, HEADER.KID], []);
  const claims = new Claims(envelope.payload, 'report', 14 + MECHANISMS.length);
  const report = {
    issuedAt: claims.number(6, 'iat', LAST_SECOND),
    reportData: claims.bytes(10, 'eat_nonce', 64),
    debug: claims.number(263, 'dbgstat', 1) === 0,
    profile: claims.oneOf(265, 'eat_profile', [PROFILE.KEEPER_REPORT]),
    platform: claims.oneOf(-66001, 'platform', ['process', 'vm', 'mock']),
    measurement: claims.bytes(-66002, 'measurement', 32),
    bundleDigest: claims.bytes(-66003, 'bundle digest', 32),
    runtimeDigest: claims.bytes(-66004, 'runtime digest', 32),
    launchDigest: claims.bytes(-66005, 'launch digest', 32),
    signer: claims.bytes(-66006, 'signer', 32),
    productId: claims.number(-66007, 'product id', MAX_UINT32),
    securityVersion: claims.number(-66008, 'security version', MAX_UINT32),
    isolation: claims.oneOf(-66009, 'isolation', ['separate-user', 'same-user']),
    enclaveId: claims.bytes(-66010, 'enclave id', 16),
    confinement: MECHANISMS.filter((name, index) => claims.bool(-66011 - index, name)),
  };
  claims.end();
  return { report, envelope, keeperId: envelope.headers.get(HEADER.KID) };
}

/**
 * Turns evidence into proven claims, or into every reason why not. Decides nothing that is the relying party's choice:
 * code, versions, debug, isolation, age, and what the report data must be. policy.mjs does.
 *
 * @param {Uint8Array} evidence hostile bytes
 * @param {ReturnType<typeof parseAnchor>[]} anchors the pinned keepers; with none nothing is accepted
 * @param {number} now seconds since 1970
 * @returns {{claims?: object, reasons: object[]}}
 */
export function verifyEvidence(evidence, anchors, now) {
  if (evidence.length > MAX_EVIDENCE_BYTES) { // 1
    const remedy = 'Ask for evidence without anything attached';
    return { reasons: [reason('MALFORMED', 'evidence', `${evidence.length} bytes`, `at most ${MAX_EVIDENCE_BYTES}`, remedy)] };
  }
  let parsed;
  try {
    parsed = parseReport(evidence); // 2, 3
  } catch (e) {
    if (!(e instanceof MalformedError)) throw e;
    const remedy = 'Ask again; if it stays so, the sender is broken or hostile';
    return { reasons: [reason('MALFORMED', e.field, `other bytes (${e.message})`, 'a keeper report', remedy)] };
  }
  const { report, envelope, keeperId } = parsed;
  const reasons = [];
  const anchor = anchors.find((each) => each.id.equals(keeperId)); // 4
  if (!anchor) {
    const remedy = 'If this is your keeper, get its key from its administrator in a safe way and pin it';
    reasons.push(reason('ANCHOR_NOT_PINNED', 'report.keeper', `keeper key id ${keeperId.toString('hex')}`, 'a pinned keeper', remedy));
  } else if (!signedBy(envelope, anchor.key)) { // 5
    const remedy = 'The report was changed or forged: do not trust whoever sent it';
    reasons.push(reason('SIGNATURE_INVALID', 'report.signature', 'a wrong signature', "the pinned keeper's", remedy));
  }
  const composed = composeMeasurement(report.platform, report.bundleDigest, report.runtimeDigest, report.launchDigest);
  if (!composed.equals(report.measurement)) { // 6
    const remedy = 'The keeper contradicts itself: do not trust it before its administrator explains this';
    reasons.push(reason('MEASUREMENT_MISMATCH', 'report.measurement', hex(report.measurement), hex(composed), remedy));
  }
  if (!(report.issuedAt <= now + MAX_CLOCK_AHEAD_SECONDS)) { // 7, also where the clock gives no number
    const remedy = "Set the clocks of this machine and of the keeper's right";
    reasons.push(reason('EVIDENCE_FROM_FUTURE', 'report.iat', iso(report.issuedAt), `at most 2 minutes after ${iso(now)}`, remedy));
  }
  return reasons.length > 0 ? { reasons } : { claims: { ...report, anchor: keeperId }, reasons };
}

/**
 * Reads a statement. Nothing of it is verified: see `verifyStatement` in policy.mjs.
 *
 * @param {Uint8Array} bytes hostile
 */
export function parseStatement(bytes) {
  const envelope = parseSign1(bytes, 'statement', [HEADER.ALG, HEADER.SIGNER_KEY], [HEADER.EVIDENCE]);
  const spki = envelope.headers.get(HEADER.SIGNER_KEY);
  const key = p256Key(spki);
  const claims = new Claims(envelope.payload, 'statement', 3);
  claims.oneOf(265, 'eat_profile', [PROFILE.STATEMENT]);
  const purpose = claims.text(-66101, 'purpose', 128);
  const content = claims.bytes(-66102, 'content', 0, 1024 * 1024);
  claims.end();
  if (!/^[ -~]+$/.test(purpose)) throw new MalformedError('statement.purpose', 'expected printable ASCII characters');
  return {
    purpose,
    content,
    evidence: envelope.headers.get(HEADER.EVIDENCE),
    signatureValid: signedBy(envelope, key),
    expectedReportData: reportData(LABEL.STATEMENT, spki, envelope.payload),
  };
}

export function hex(bytes) {
  return Buffer.from(bytes).toString('hex');
}

export function iso(seconds) {
  return new Date(seconds * 1000).toISOString();
}
