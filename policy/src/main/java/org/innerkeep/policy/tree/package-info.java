/** The parse tree of a policy: what was written, where. Immutable values with nothing evaluated. */
@NullMarked
package org.innerkeep.policy.tree;

import org.jspecify.annotations.NullMarked;
