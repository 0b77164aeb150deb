/** The command's tools for policies. */
@NullMarked
package org.innerkeep.cli.policy;

import org.jspecify.annotations.NullMarked;
