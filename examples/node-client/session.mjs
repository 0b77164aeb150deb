// The attested session: TLS 1.3 that ends inside the enclave, bound to fresh evidence before any application byte.
// docs/protocol.md, section 4.

import { randomBytes } from 'node:crypto';
import tls from 'node:tls';
import { certificateReportData, hex, LABEL, reportData, sha256 } from './evidence.mjs';
import { MalformedError, reason, RefusedError } from './errors.mjs';
import { parseCertificate } from './ratls.mjs';

const PROTOCOL = 'innerkeep-session-v1';
const SESSION_EXPORTER = 'EXPORTER-innerkeep-session-v1';
const BINDING_EXPORTER = 'EXPORTER-innerkeep-binding-v1';
const MAX_EVIDENCE_BYTES = 64 * 1024;
const CHECK_ADDRESS = 'Check that the address is that of an enclave';
const RELAYED = 'The session was relayed or its evidence replayed: do not trust this host';

/**
 * Connects and appraises the enclave, twice.
 *
 * @param {{host: string, port: number, policy: import('./policy.mjs').Policy, timeoutMillis?: number}} options
 *     the time limit covers everything until the session exists
 * @returns {Promise<Session>}
 * @throws {RefusedError} if the enclave is refused; it received a TLS handshake and at most 32 random bytes
 */
export async function connectSession({ host, port, policy, timeoutMillis = 30_000 }) {
  const socket = tls.connect({
    host,
    port,
    servername: '',
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ciphers: 'TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256',
    ecdhCurve: 'X25519:P-256',
    sigalgs: 'ecdsa_secp256r1_sha256',
    ALPNProtocols: [PROTOCOL],
    // No certificate authority vouches for an enclave: its evidence does. So Node must not judge the certificate, and
    // this is safe only because of what follows. TLS 1.3 proves, also with this switch off, that the peer holds the
    // private key of the certificate that it shows. appraiseCertificate() checks, before this function writes its first
    // byte, that a pinned keeper vouches for exactly that key. Nobody else has the socket until all checks are done.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  socket.setNoDelay(true);
  const wire = new Wire(socket);
  const timer = setTimeout(() => socket.destroy(new Error('the enclave did not prove itself in time')), timeoutMillis);
  try {
    await wire.handshake();
    if (socket.getProtocol() !== 'TLSv1.3' || socket.isSessionReused()) {
      throw new Error(`expected a new session of TLS 1.3: ${CHECK_ADDRESS}`);
    }
    const certificate = appraiseCertificate(socket.getPeerX509Certificate(), policy);
    if (socket.alpnProtocol !== PROTOCOL) {
      throw new Error(`expected the application protocol ${PROTOCOL}: ${CHECK_ADDRESS}`);
    }
    // Only now the first byte after the handshake.
    const nonce = randomBytes(32);
    socket.write(nonce);
    const evidence = await readEvidence(wire);
    const exporter = socket.exportKeyingMaterial(32, SESSION_EXPORTER, Buffer.alloc(0));
    const claims = policy.appraise(evidence, reportData(LABEL.SESSION, nonce, exporter, certificate.keyId), 'session');
    requireSameEnclave(certificate.claims, claims);
    return new Session(socket, wire, claims);
  } catch (e) {
    socket.destroy();
    throw e;
  } finally {
    clearTimeout(timer);
  }
}

/** A session that exists proves: an enclave that the policy accepts, running now, holds the other end of its keys. */
export class Session {
  constructor(socket, wire, claims) {
    this.socket = socket;
    this.wire = wire;
    /** What the enclave proved in this session. */
    this.claims = claims;
    /** 32 bytes that only the two ends know and no other session has; sign them to authenticate to the enclave. */
    this.binding = socket.exportKeyingMaterial(32, BINDING_EXPORTER, Buffer.alloc(0));
  }

  write(bytes) {
    this.socket.write(bytes);
  }

  close() {
    this.socket.end();
    this.socket.destroySoon();
  }
}

/**
 * Appraises the certificate of an enclave.
 *
 * @param {import('node:crypto').X509Certificate | undefined} leaf whose key TLS has proven
 * @param {import('./policy.mjs').Policy} policy
 * @returns {{claims: object, keyId: Buffer}} what the evidence in it proves, and the SHA-256 of its key
 * @throws {RefusedError} with every reason
 */
export function appraiseCertificate(leaf, policy) {
  if (!leaf) throw refused('certificate', 'no certificate', "one, the enclave's own");
  let certificate;
  try {
    certificate = parseCertificate(leaf.raw);
  } catch (e) {
    if (!(e instanceof MalformedError)) throw e;
    throw refused('certificate', e.message, 'an RA-TLS certificate');
  }
  // TLS proved possession of the key that OpenSSL read from the certificate. It must be the key that we read, or two
  // parsers with two opinions would be a way around the binding.
  if (!leaf.publicKey.export({ type: 'spki', format: 'der' }).equals(certificate.spki)) {
    throw refused('certificate', 'a key in another encoding than its only DER form', 'DER');
  }
  const reasons = [];
  if (!certificate.speaksForItsKey) {
    const found = hex(certificate.publicKeyHash);
    const wanted = hex(sha256(certificate.spki));
    reasons.push(reason('REPORT_DATA_MISMATCH', 'certificate.pubkey-hash', found, wanted, RELAYED));
  }
  let claims;
  try {
    claims = policy.appraise(certificate.evidence, certificateReportData(certificate.claims), 'certificate');
  } catch (e) {
    if (!(e instanceof RefusedError)) throw e;
    reasons.push(...e.reasons);
  }
  if (reasons.length > 0) throw new RefusedError('certificate', reasons);
  return { claims, keyId: certificate.publicKeyHash };
}

async function readEvidence(wire) {
  const length = (await wire.read(4, 'length of the evidence')).readUInt32BE();
  if (length < 1 || length > MAX_EVIDENCE_BYTES) {
    throw refused('session', `${length} bytes announced`, `1 to ${MAX_EVIDENCE_BYTES}`);
  }
  return wire.read(length, 'evidence');
}

/** Fresh evidence of one enclave must not vouch for the certificate of another, however alike both are. */
function requireSameEnclave(certificate, session) {
  const pairs = [
    ['MEASUREMENT_MISMATCH', 'measurement'],
    ['REPORT_DATA_MISMATCH', 'anchor'],
    ['REPORT_DATA_MISMATCH', 'enclaveId'],
  ];
  const reasons = pairs
    .filter(([, claim]) => !certificate[claim].equals(session[claim]))
    .map(([code, claim]) => reason(code, `session.${claim}`, hex(session[claim]), hex(certificate[claim]), RELAYED));
  if (reasons.length > 0) throw new RefusedError('session', reasons);
}

function refused(purpose, found, wanted) {
  return new RefusedError(purpose, [reason('MALFORMED', purpose, found, wanted, CHECK_ADDRESS)]);
}

/** Reads exact numbers of bytes. What is not asked for stays in the socket, whose buffer is bounded. */
class Wire {
  #socket;
  #failure;
  #wake = () => {};

  constructor(socket) {
    this.#socket = socket;
    const wake = () => this.#wake();
    for (const event of ['secureConnect', 'readable', 'end', 'close']) socket.on(event, wake);
    socket.on('error', (e) => {
      this.#failure = e;
      wake();
    });
  }

  async handshake() {
    let done = false;
    this.#socket.once('secureConnect', () => {
      done = true;
      this.#wake();
    });
    while (!done) await this.#event('the handshake');
  }

  /** Waits for exactly so many bytes. For one caller at a time. */
  async read(count, what) {
    for (;;) {
      const bytes = this.#socket.read(count);
      if (bytes?.length === count) return bytes;
      if (bytes !== null || this.#socket.readableEnded) throw new Error(`the connection ended before its ${what} was complete`);
      await this.#event(what);
    }
  }

  /** Whether the peer has ended its side and everything is read. Waits for the next byte or the end. */
  async ended() {
    for (;;) {
      if (this.#socket.readableLength > 0) return false;
      if (this.#socket.readableEnded) return true;
      // An end shows only to who reads.
      this.#socket.read(0);
      await this.#event('next frame');
    }
  }

  #event(what) {
    if (this.#failure) throw this.#failure;
    if (this.#socket.destroyed) throw new Error(`the connection ended before its ${what} was complete`);
    return new Promise((resolve) => {
      this.#wake = resolve;
    }).then(() => {
      if (this.#failure) throw this.#failure;
    });
  }
}
