/** Tests of how commands run a workload. */
@NullMarked
package org.innerkeep.cli.workload;

import org.jspecify.annotations.NullMarked;
