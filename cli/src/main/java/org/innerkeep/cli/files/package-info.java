/** Files that commands are about, and what is found out about them: bundles, sources, measurements. */
@NullMarked
package org.innerkeep.cli.files;

import org.jspecify.annotations.NullMarked;
