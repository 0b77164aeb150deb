/**
 * JSON (RFC 8259) as policies see it: immutable values, a strict bounded reader, a writer whose text depends on the value alone.
 * Says nothing about what a value means.
 */
@NullMarked
package org.innerkeep.policy.json;

import org.jspecify.annotations.NullMarked;
