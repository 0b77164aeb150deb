/** What runs inside the benchmarks' enclave. */
@NullMarked
package org.innerkeep.bench.inside;

import org.jspecify.annotations.NullMarked;
