/**
 * The keys of a vault: named, in versions, wrapped under a master key, and changed only together with a leaf of the log.
 *
 * <p>Nothing here decides who may have a key: see {@link org.innerkeep.vault.grant} and {@link org.innerkeep.vault.release}.
 */
@NullMarked
package org.innerkeep.vault.key;

import org.jspecify.annotations.NullMarked;
