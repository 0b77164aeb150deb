/** Puts an ordinary web service into an enclave. */
@NullMarked
package org.innerkeep.examples.server;

import org.jspecify.annotations.NullMarked;
