/**
 * Figures of the calls between an enclave and those outside: how many, how large, how long. A host has its own side of them whenever it
 * measures; the enclave's side is told by debug builds alone.
 *
 * <p>Names, sizes and times of calls between host and enclave are what a host sees in any case. Those of clients' calls it does not see: it
 * carries TLS records. That is why no enclave but a debug build tells them, which clients refuse unless told otherwise.
 */
@NullMarked
package org.innerkeep.channel.profile;

import org.jspecify.annotations.NullMarked;
