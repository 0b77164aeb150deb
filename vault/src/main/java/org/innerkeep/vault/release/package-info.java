/**
 * Releases the key of one sealed file to an enclave: challenge, evidence, grants, response. The forms on the wire are those of {@link
 * org.innerkeep.channel.release}; everything that arrives in them is hostile.
 *
 * <p>What it does not do: take a key back. An enclave that got a file key has it until its lease is over, and it is the enclave's measured
 * code that keeps the lease.
 */
@NullMarked
package org.innerkeep.vault.release;

import org.jspecify.annotations.NullMarked;
