/**
 * Synthetic makers of hardware: each has root keys of its own and speaks its maker's true wire form, so that every verifier can be
 * tested where no hardware is. What they make is accepted only by whoever pins their roots, which no production code does.
 */
@NullMarked
package org.innerkeep.makers;

import org.jspecify.annotations.NullMarked;
