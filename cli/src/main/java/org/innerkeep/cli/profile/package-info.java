/** Runs a workload with an enclave, measures its calls and its memory, and advises on how to split the program ({@code innerkeep profile}). */
@NullMarked
package org.innerkeep.cli.profile;

import org.jspecify.annotations.NullMarked;
