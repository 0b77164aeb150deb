/**
 * Bundles: the file {@code NAME.enclave} that is an enclave's code.
 *
 * <p>{@link org.innerkeep.bundle.Packer} makes one from jars and native libraries,
 * {@link org.innerkeep.bundle.Bundle#unpack} and {@link org.innerkeep.bundle.Bundle#inspect} read one, and
 * {@link org.innerkeep.bundle.BundleDiff} tells why two differ. The same inputs give the same <em>bundle digest</em> on any
 * machine, whoever signs.
 *
 * <h2>The format</h2>
 *
 * A bundle is one stream of bytes, read once from front to back:
 *
 * <pre>
 * innerkeep bundle 1                             the manifest: every line up to the first empty one,
 * name fraud                                     in exactly this order, each ended by a line feed
 * product 7
 * svn 3
 * program com.acme.FraudEnclave
 * heap 268435456
 * threads 8
 * debug no
 * java 25
 * module java.base                               sorted, one or more
 * interface client com.acme.FraudScoring SCHEMA  sorted, none or more
 * file SHA256 SIZE lib/fraud.jar                 sorted by path, one or more
 *                                                an empty line
 * signer BASE64                                  SubjectPublicKeyInfo of an Ed25519 or a P-256 key
 * signature BASE64                               64 bytes; in place of both lines, "unsigned" where nobody has signed yet
 *                                                an empty line
 * ...                                            the bytes of all files, in the manifest's order; then nothing
 * </pre>
 *
 * The bundle digest is SHA-256 of the manifest's bytes, which begin with the format line and end with the line feed of the last
 * {@code file} line. What is signed is the line {@code innerkeep bundle signature 1} with its line feed, then the manifest's
 * bytes; an ECDSA signature is r and s, 32 bytes each. The digest leaves the signature out, so that a
 * second signature, or another form of the same one, is not another enclave.
 *
 * <p>There is one strict parser. What it accepts it writes back byte for byte.
 *
 * <h2>What is not checked here</h2>
 *
 * A valid signature says that the holder of <em>some</em> key signed. Whether that key is trusted is decided by whoever appraises
 * the enclave, by its {@linkplain org.innerkeep.bundle.SignerKey#id() id}. Jars in a bundle that is read are bytes with a
 * digest: nothing here opens them, except {@link org.innerkeep.bundle.BundleDiff}.
 */
@NullMarked
package org.innerkeep.bundle;

import org.jspecify.annotations.NullMarked;
