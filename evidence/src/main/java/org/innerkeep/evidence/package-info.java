/**
 * Evidence: what a platform says about an enclave, and what can be proven from it.
 *
 * <p>A {@link org.innerkeep.evidence.Verdict} is an ordinary value: acceptance carries proven
 * {@link org.innerkeep.evidence.Claims}, refusal carries every reason. Nothing here decides whether proven claims are
 * good enough for a relying party; that is appraisal, and its home is the client's trust decision.
 */
@NullMarked
package org.innerkeep.evidence;

import org.jspecify.annotations.NullMarked;
