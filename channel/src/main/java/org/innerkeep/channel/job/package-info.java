/**
 * The job: what the owners of data agree to before any of them gives a key. A job is a strict JSON file; its digest is SHA-256
 * of exactly the bytes of the file, so that nobody has to agree on a canonical form of JSON.
 *
 * <p>Nothing here decides whether a job is wise, or whether a key belongs to the person that its name suggests: owners
 * compare the file among themselves, once, over a channel that they trust.
 */
@NullMarked
package org.innerkeep.channel.job;

import org.jspecify.annotations.NullMarked;
