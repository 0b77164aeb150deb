/** Tests of what is found out about files. */
@NullMarked
package org.innerkeep.cli.files;

import org.jspecify.annotations.NullMarked;
