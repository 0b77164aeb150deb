/** The remote party: decides whether to trust an enclave, then talks to it, end to end. */
@NullMarked
package org.innerkeep.client;

import org.jspecify.annotations.NullMarked;
