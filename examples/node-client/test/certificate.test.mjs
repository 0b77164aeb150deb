import assert from 'node:assert/strict';
import test from 'node:test';
import { MalformedError } from '../errors.mjs';
import { certificateReportData, hex, LABEL, reportData } from '../evidence.mjs';
import { certificateClaims, parseCertificate } from '../ratls.mjs';
import { bytes, vectors } from './vectors.mjs';

const file = vectors('session.json');

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

for (const { name, certificate, codes } of file.refused) {
  test(`certificate ${name} is refused`, () => {
    if (codes[0] === 'MALFORMED') {
      assert.throws(() => parseCertificate(bytes(certificate)), MalformedError);
    } else if (codes[0] === 'REPORT_DATA_MISMATCH') {
      assert.equal(parseCertificate(bytes(certificate)).speaksForItsKey, false);
    } else {
      // Its form is right and it speaks for its key; the evidence is what was changed.
      assert.notEqual(hex(parseCertificate(bytes(certificate)).evidence), file.evidence);
    }
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
