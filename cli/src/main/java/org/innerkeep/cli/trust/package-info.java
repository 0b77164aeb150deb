/** What the command line says of enclaves that a command trusts. */
@NullMarked
package org.innerkeep.cli.trust;

import org.jspecify.annotations.NullMarked;
