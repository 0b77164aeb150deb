// Not part of the client: shows that a partner can verify a bundle by docs/protocol.md, section 7, in a few lines.

import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import test from 'node:test';
import { hex, sha256 } from '../evidence.mjs';
import { bytes, vectors } from './vectors.mjs';

const file = vectors('bundle.json');

function signed(manifest, spki, signature) {
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const ed25519 = key.asymmetricKeyType === 'ed25519';
  const message = Buffer.concat([Buffer.from('innerkeep bundle signature 1\n'), manifest]);
  return verify(ed25519 ? null : 'sha256', message, ed25519 ? key : { key, dsaEncoding: 'ieee-p1363' }, signature);
}

/** The bundle digest and the signer's id; throws where the bundle is not whole. */
function verifyBundle(bundle) {
  const end = bundle.indexOf('\n\n');
  const manifest = bundle.subarray(0, end + 1);
  const [signer, signature, blank] = bundle.subarray(end + 2).toString('latin1').split('\n', 3);
  const spki = Buffer.from(signer.replace(/^signer /, ''), 'base64');
  assert.equal(blank, '');
  assert.ok(signed(manifest, spki, Buffer.from(signature.replace(/^signature /, ''), 'base64')));
  let at = end + 2 + signer.length + 1 + signature.length + 2;
  for (const line of manifest.toString('latin1').split('\n').filter((each) => each.startsWith('file '))) {
    const [, digest, size] = line.split(' ');
    assert.equal(hex(sha256(bundle.subarray(at, at + Number(size)))), digest);
    at += Number(size);
  }
  assert.equal(at, bundle.length);
  return { digest: hex(sha256(manifest)), signerId: hex(sha256(spki)) };
}

test('a bundle gives its digest and its signer', () => {
  assert.deepEqual(verifyBundle(bytes(file.bundle)), { digest: file.digest, signerId: file.signerId });
  assert.equal(hex(sha256(file.manifest)), file.digest);
});

test('a bill of materials is a file like others', () => {
  const { bundle, digest, sbom } = file.withSbom;
  assert.deepEqual(verifyBundle(bytes(bundle)), { digest, signerId: file.signerId });
  assert.ok(bytes(bundle).includes(bytes(sbom)));
  assert.notEqual(digest, file.digest);
});

test('both kinds of keys sign', () => {
  assert.ok(signed(Buffer.from(file.manifest), bytes(file.signer), bytes(file.signature)));
  assert.ok(signed(Buffer.from(file.manifest), bytes(file.signerP256), bytes(file.signatureP256)));
  assert.equal(hex(sha256(bytes(file.signerP256))), file.signerIdP256);
  assert.ok(!signed(Buffer.from(file.manifest), bytes(file.signerP256), bytes(file.signature)));
});

test('a changed bundle is refused', () => {
  // The others break the canonical form only, whose parser is Java's.
  for (const name of ['file-changed', 'bytes-follow', 'cut', 'version-raised', 'unsigned', 'sbom-changed']) {
    const { bundle } = file.refused.find((each) => each.name === name);
    assert.throws(() => verifyBundle(bytes(bundle)), assert.AssertionError, name);
  }
});
