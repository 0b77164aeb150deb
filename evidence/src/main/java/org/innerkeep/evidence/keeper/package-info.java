/**
 * What a keeper says about an enclave that it runs: the keeper report.
 *
 * <p>Reading a report proves nothing; {@link org.innerkeep.evidence.Verifier} does, given the keeper's pinned key. Even then
 * a report is worth as much as the keeper's machine and whoever administers it.
 */
@NullMarked
package org.innerkeep.evidence.keeper;

import org.jspecify.annotations.NullMarked;
