/** How commands run a user's own workload, with a keeper and a host of the run. */
@NullMarked
package org.innerkeep.cli.workload;

import org.jspecify.annotations.NullMarked;
