package org.innerkeep.attestation;

import java.security.cert.X509Certificate;
import java.util.Optional;
import org.innerkeep.policy.Policy;

/**
 * A policy that decides.
 *
 * @param envelope the JWS as it was sent
 * @param text its text
 * @param parsed the same, read
 * @param signer who signed it, proven; nothing where nobody did
 * @param version of the policy of its type, for changes that must not overwrite others; 0 for the default policy
 */
record SetPolicy(String envelope, String text, Policy parsed, Optional<X509Certificate> signer, long version) {}
