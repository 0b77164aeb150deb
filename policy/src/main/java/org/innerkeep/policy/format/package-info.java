/** One layout for policies. */
@NullMarked
package org.innerkeep.policy.format;

import org.jspecify.annotations.NullMarked;
