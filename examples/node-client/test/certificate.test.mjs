import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import test from 'node:test';
import { MalformedError, RefusedError } from '../errors.mjs';
import { certificateReportData, hex, LABEL, parseAnchor, reportData } from '../evidence.mjs';
import { Policy } from '../policy.mjs';
import { certificateClaims, parseCertificate } from '../ratls.mjs';
import { appraiseCertificate } from '../session.mjs';
import { bytes, vectors } from './vectors.mjs';

const file = vectors('session.json');
const proofs = vectors('evidence.json');

test('a certificate gives its key and the evidence for it', () => {
  const parsed = parseCertificate(bytes(file.certificate));
  assert.equal(hex(parsed.spki), file.publicKey);
  assert.equal(hex(parsed.publicKeyHash), file.keyId);
  assert.equal(hex(parsed.evidence), file.evidence);
  assert.equal(hex(parsed.claims), file.claims);
  assert.equal(parsed.speaksForItsKey, true);
  assert.equal(hex(certificateClaims(bytes(file.keyId))), file.claims);
  assert.equal(hex(certificateReportData(parsed.claims)), file.certificateReportData);
});

test('report data of a session binds nonce, exporter and key', () => {
  const bound = reportData(LABEL.SESSION, bytes(file.nonce), bytes(file.exporter), bytes(file.keyId));
  assert.equal(hex(bound), file.sessionReportData);
});

/** What the client says to a certificate, with the anchor and the signer of the vectors. */
function appraise(certificate) {
  const policy = new Policy({
    anchors: [parseAnchor(proofs.anchor)],
    signer: bytes(proofs.appraisals[0].wanted.signer),
    product: 7,
    svn: 3,
    now: () => Number(proofs.now),
  });
  return appraiseCertificate(new X509Certificate(bytes(certificate)), policy);
}

test('the certificate is accepted', () => {
  assert.equal(hex(appraise(file.certificate).keyId), file.keyId);
});

for (const { name, certificate, codes } of file.refused) {
  test(`certificate ${name} is refused`, () => {
    assert.throws(() => appraise(certificate), (e) => {
      assert.ok(e instanceof RefusedError, e.stack);
      assert.deepEqual(e.reasons.map((each) => each.code), codes);
      return true;
    });
  });
}

test('whatever is cut or changed, nothing but a refusal comes out', () => {
  const good = bytes(file.certificate);
  for (let i = 0; i < good.length; i++) {
    assert.throws(() => parseCertificate(good.subarray(0, i)), MalformedError, `cut at ${i}`);
    for (const bit of [1, 0x80]) {
      const changed = Buffer.from(good);
      changed[i] ^= bit;
      try {
        parseCertificate(changed);
      } catch (e) {
        assert.ok(e instanceof MalformedError, `byte ${i}: ${e.stack}`);
      }
    }
  }
});
