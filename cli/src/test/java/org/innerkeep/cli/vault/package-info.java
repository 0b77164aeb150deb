/** An enclave, its host, and vaults as they are served. */
@NullMarked
package org.innerkeep.cli.vault;

import org.jspecify.annotations.NullMarked;
