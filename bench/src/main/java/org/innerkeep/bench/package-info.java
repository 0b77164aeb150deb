/**
 * Measures the shipped code against a named peer or the physical limit, in the same run. {@code bench/run} starts {@link
 * org.innerkeep.bench.Main}; {@code bench/README.md} says how to read the result. Nothing here is part of the product.
 */
@NullMarked
package org.innerkeep.bench;

import org.jspecify.annotations.NullMarked;
