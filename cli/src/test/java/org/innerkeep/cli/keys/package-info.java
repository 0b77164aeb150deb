/** Tests of an owner's commands that need what is inside the package. */
@NullMarked
package org.innerkeep.cli.keys;

import org.jspecify.annotations.NullMarked;
