/** {@code innerkeep keys}: an owner's vault, over its server. */
@NullMarked
package org.innerkeep.cli.keys;

import org.jspecify.annotations.NullMarked;
