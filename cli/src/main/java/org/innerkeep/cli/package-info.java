/** The one command, {@code innerkeep}. Each verb is a class of its own. */
@NullMarked
package org.innerkeep.cli;

import org.jspecify.annotations.NullMarked;
