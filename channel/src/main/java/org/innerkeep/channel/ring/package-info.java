/**
 * Requests and answers through memory that two processes share: 64 places each way, from which each side copies once and then never
 * reads again. It carries bytes and understands none of them; what they mean, and whether they are allowed, is the caller's business.
 *
 * <p>The other side is taken to be hostile, and can change all of the memory at any time. Every number that is read there is compared
 * with what this side knows from elsewhere; nothing that stands there decides how much memory is taken, for how long anybody waits,
 * or whose answer is whose. It can withhold answers, and it can see when and how much is carried.
 *
 * <p>Nothing here is encrypted. What the other side may not see must never be given to it.
 */
@NullMarked
package org.innerkeep.channel.ring;

import org.jspecify.annotations.NullMarked;
