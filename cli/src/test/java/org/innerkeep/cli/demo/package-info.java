/** Whole-process tests that play on the demonstration's own stage. */
@NullMarked
package org.innerkeep.cli.demo;

import org.jspecify.annotations.NullMarked;
