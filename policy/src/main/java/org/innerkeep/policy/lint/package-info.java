/**
 * Finds what a policy says and its author does not mean: rules that can do nothing, policies that let everything through, and
 * patterns that fail open. Looks at the policy alone and never changes what it means.
 */
@NullMarked
package org.innerkeep.policy.lint;

import org.jspecify.annotations.NullMarked;
