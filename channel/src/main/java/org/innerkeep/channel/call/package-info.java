/**
 * Typed calls: schemas taken from Java interfaces, a strict codec, concurrent calls with deadlines over any pair of streams.
 *
 * <p>{@link org.innerkeep.channel.call.ServiceSchema} says what an interface looks like on the wire, {@link
 * org.innerkeep.channel.call.Codec} carries values of one type, and {@link org.innerkeep.channel.call.CallPeer} is one end of a
 * connection, on which both sides call each other:
 *
 * {@snippet :
 * interface FraudScoring { Score score(Payment payment); }
 *
 * CallPeer inside = CallPeer.over(in, out, Disclosure.TO_CLIENT)
 *         .remote("the client")
 *         .offer(FraudScoring.class, model::score)
 *         .start();
 *
 * FraudScoring scoring = outside.bind(FraudScoring.class, Duration.ofSeconds(5));
 * Score score = scoring.score(payment);
 * }
 *
 * <p>Nothing here encrypts, authenticates or pads: the session below does the first two, and the sizes and times of calls are
 * visible to whoever carries the bytes. What arguments mean is for the program to check; only their form is checked here.
 */
@NullMarked
package org.innerkeep.channel.call;

import org.jspecify.annotations.NullMarked;
