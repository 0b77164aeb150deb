package org.innerkeep.vault.azure;

import java.time.Instant;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a verified token says of an environment. Only {@link AssertionVerifier} makes one.
 *
 * @param authority whose token it is
 * @param claims all claims
 * @param target the environment's key
 * @param challenge of this vault, from the attested runtime data; not yet looked up
 * @param issuedAt when the token was issued
 * @param digest SHA-256 of the token, for the log
 */
record Assertion(
        Authority authority, ObjectNode claims, TargetKey target, Optional<String> challenge, Instant issuedAt, Bytes digest) {}
