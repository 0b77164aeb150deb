/**
 * How an enclave gets the key of one sealed file from its owner's vault, and both ends' forms of it. Messages in order:
 *
 * <ol>
 *   <li>{@link org.innerkeep.channel.release.Challenge}, from the vault: a nonce that it takes once, and its time;
 *   <li>{@link org.innerkeep.channel.release.ReleaseRequest}, from the enclave, with evidence whose report data is a hash of the whole request:
 *       together a {@link org.innerkeep.channel.release.ReleaseCall};
 *   <li>{@link org.innerkeep.channel.release.ReleaseResponse}, signed by the vault: the file key, encrypted to the request's transport key.
 * </ol>
 *
 * <p>The host carries all of it, and can read, change, hold back and repeat all of it. It learns which key is asked for and when, and
 * nothing of a file key. {@link org.innerkeep.channel.release.PendingRelease} is the enclave's side. What the vault decides by is not here.
 *
 * <p>Refusals are not signed: whoever carries messages can refuse as well, by carrying none.
 */
@NullMarked
package org.innerkeep.channel.release;

import org.jspecify.annotations.NullMarked;
