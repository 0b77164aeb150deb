/**
 * How to test an enclave: the same test runs in the JVM of the test, under a mock platform whose identity is set at will, and
 * against the packed bundle as a process of its own. Never on a production class path: a mock platform protects nothing, and no
 * trust accepts it unless it names it.
 */
@NullMarked
package org.innerkeep.testing;

import org.jspecify.annotations.NullMarked;
