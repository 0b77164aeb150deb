/** A deterministic mutation fuzzer for tests. Never on a production class path. */
@NullMarked
package org.innerkeep.fuzz;

import org.jspecify.annotations.NullMarked;
