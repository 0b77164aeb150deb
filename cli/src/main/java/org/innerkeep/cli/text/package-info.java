/** What the command writes for people and programs. */
@NullMarked
package org.innerkeep.cli.text;

import org.jspecify.annotations.NullMarked;
