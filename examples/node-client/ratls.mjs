// The RA-TLS certificate: of a peer's certificate only the key and the evidence that speaks for it are read.
// docs/protocol.md, section 4.2.

import { Reader, Writer } from './cbor.mjs';
import { MalformedError } from './errors.mjs';
import { sha256 } from './evidence.mjs';

const MAX_CERTIFICATE_BYTES = 32 * 1024;
const MAX_EVIDENCE_BYTES = 28 * 1024;
const TAGGED_EVIDENCE = Buffer.from('06066781050504' + '09', 'hex'); // 2.23.133.5.4.9 as a whole element
const DER = { BOOLEAN: 0x01, INTEGER: 0x02, BIT_STRING: 0x03, OCTET_STRING: 0x04, OID: 0x06, SEQUENCE: 0x30 };
const context = (number) => 0xa0 | number;

/** Walks DER one element at a time: single-byte tags, definite lengths in their shortest form. */
class DerReader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  next(tag) {
    return this.bytes[this.at] === tag;
  }

  get atEnd() {
    return this.at === this.bytes.length;
  }

  /** The content of an element. */
  content(field, tag) {
    if (this.#byte(field) !== tag) throw new MalformedError(field, `expected tag 0x${tag.toString(16)}, found another`);
    let length = this.#byte(field);
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 3) throw new MalformedError(field, 'expected a definite length of at most three bytes');
      length = 0;
      for (let i = 0; i < count; i++) length = (length << 8) | this.#byte(field);
      if (length < 0x80 || length >>> (8 * (count - 1)) === 0) {
        throw new MalformedError(field, 'expected the shortest form of a length, found a longer one');
      }
    }
    if (length > this.bytes.length - this.at) throw new MalformedError(field, 'announces more bytes than remain');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** A whole element, tag and length included. */
  whole(field, tag) {
    const start = this.at;
    this.content(field, tag);
    return this.bytes.subarray(start, this.at);
  }

  enter(field, tag) {
    return new DerReader(this.content(field, tag));
  }

  end(field) {
    if (!this.atEnd) throw new MalformedError(field, 'expected the end, found more bytes');
  }

  #byte(field) {
    if (this.atEnd) throw new MalformedError(field, 'expected more bytes, found the end');
    return this.bytes[this.at++];
  }
}

/**
 * Finds key and evidence in a certificate. Names, dates and the signature are the certificate's word about itself, so
 * nothing is concluded from them.
 *
 * @param {Buffer} certificate hostile bytes, DER
 * @returns {{spki: Buffer, evidence: Buffer, claims: Buffer, publicKeyHash: Buffer, speaksForItsKey: boolean}}
 */
export function parseCertificate(certificate) {
  if (certificate.length > MAX_CERTIFICATE_BYTES) throw new MalformedError('certificate', 'larger than 32 KiB');
  const whole = new DerReader(certificate);
  const outer = whole.enter('certificate', DER.SEQUENCE);
  whole.end('certificate');
  const tbs = outer.enter('tbsCertificate', DER.SEQUENCE);
  outer.content('signatureAlgorithm', DER.SEQUENCE);
  outer.content('signatureValue', DER.BIT_STRING);
  outer.end('certificate');

  tbs.content('version', context(0));
  tbs.content('serialNumber', DER.INTEGER);
  for (const field of ['signature', 'issuer', 'validity', 'subject']) tbs.content(field, DER.SEQUENCE);
  const spki = tbs.whole('subjectPublicKeyInfo', DER.SEQUENCE);
  const explicit = tbs.enter('extensions', context(3));
  tbs.end('tbsCertificate');
  const extensions = explicit.enter('extensions', DER.SEQUENCE);
  explicit.end('extensions');

  const tagged = parseTaggedEvidence(taggedEvidence(extensions));
  return { spki, ...tagged, speaksForItsKey: sha256(spki).equals(tagged.publicKeyHash) };
}

function taggedEvidence(extensions) {
  let found;
  for (let count = 0; !extensions.atEnd; count++) {
    if (count === 16) throw new MalformedError('extensions', 'expected at most 16');
    const extension = extensions.enter('extension', DER.SEQUENCE);
    const id = extension.whole('extnID', DER.OID);
    if (extension.next(DER.BOOLEAN)) extension.content('critical', DER.BOOLEAN);
    const value = extension.content('extnValue', DER.OCTET_STRING);
    extension.end('extension');
    if (id.equals(TAGGED_EVIDENCE)) {
      if (found) throw new MalformedError('extensions', 'found tagged evidence twice');
      found = value;
    }
  }
  if (!found) throw new MalformedError('extensions', 'no tagged evidence: not a certificate of an enclave');
  return found;
}

function parseTaggedEvidence(value) {
  const reader = new Reader(value);
  reader.tag('tagged-evidence', 60000);
  reader.array('tagged-evidence', 2);
  const evidence = reader.byteString('evidence', 1, MAX_EVIDENCE_BYTES);
  const claims = reader.byteString('claims', 1, 128);
  reader.end('tagged-evidence');

  const map = new Reader(claims);
  map.map('claims', 1);
  if (map.text('claims', 32) !== 'pubkey-hash') throw new MalformedError('claims', 'expected the only claim pubkey-hash');
  const entry = new Reader(map.byteString('pubkey-hash', 1, 64));
  map.end('claims');
  entry.array('pubkey-hash', 2);
  entry.integer('hash-alg-id', 1n, 1n);
  const publicKeyHash = entry.byteString('hash-value', 32, 32);
  entry.end('pubkey-hash');
  return { evidence, claims, publicKeyHash };
}

/** The encoded claims for a key, given SHA-256 of its SubjectPublicKeyInfo. */
export function certificateClaims(publicKeyHash) {
  const entry = new Writer().array(2).integer(1).byteString(publicKeyHash).toBytes();
  return new Writer().map(1).text('pubkey-hash').byteString(entry).toBytes();
}
