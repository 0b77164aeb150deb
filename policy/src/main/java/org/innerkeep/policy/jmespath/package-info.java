/**
 * JMESPath (the specification of jmespath.org, whole) over JSON, bounded for queries and values that are both hostile. One
 * function more: {@code equals_ignore_case}, which documented attestation policies call.
 */
@NullMarked
package org.innerkeep.policy.jmespath;

import org.jspecify.annotations.NullMarked;
