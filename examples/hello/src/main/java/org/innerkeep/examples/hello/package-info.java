/** The smallest enclave, its host and its client. */
@NullMarked
package org.innerkeep.examples.hello;

import org.jspecify.annotations.NullMarked;
