/**
 * Tokens of attestation services as second-hand evidence: JSON Web Tokens (RFC 7519) in the compact form of JSON Web Signature (RFC
 * 7515), by keys that the relying party pinned or that lead to a root it pinned.
 *
 * <p>A token proves that a service said something, never that it is so: the service saw the evidence, and whoever relies on a token
 * relies on that service, on its keys and on the policy that its tenant gave it. Nothing that a token points to ({@code jku},
 * {@code jwk}, {@code x5u}) is ever followed.
 */
@NullMarked
package org.innerkeep.evidence.token;

import org.jspecify.annotations.NullMarked;
