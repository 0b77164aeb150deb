/** Payments of a bank, scored by a table of merchants that the operator has: one program, split badly and split well. */
@NullMarked
package org.innerkeep.examples.split;

import org.jspecify.annotations.NullMarked;
