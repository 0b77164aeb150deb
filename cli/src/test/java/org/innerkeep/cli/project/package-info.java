/** Tests of making a new project. */
@NullMarked
package org.innerkeep.cli.project;

import org.jspecify.annotations.NullMarked;
