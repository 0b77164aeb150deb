/**
 * What an enclave has its host keep for it: sealed values, in versions. All of it is ciphertext; names, versions, sizes and times are
 * seen by the host, which can also lose all of it, or give an older version.
 */
@NullMarked
package org.innerkeep.channel.state;

import org.jspecify.annotations.NullMarked;
