/**
 * The untrusted side: starts a bundle on a platform, calls what its enclave offers to hosts, and carries clients' bytes that it
 * cannot read.
 */
@NullMarked
package org.innerkeep.host;

import org.jspecify.annotations.NullMarked;
