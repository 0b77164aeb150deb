/** The runtime inside every enclave: its start, its boundary, its platform driver. Not for programs. */
@NullMarked
package org.innerkeep.enclave.internal;

import org.jspecify.annotations.NullMarked;
