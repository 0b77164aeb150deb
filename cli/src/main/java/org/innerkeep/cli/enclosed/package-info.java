/** The service in an enclave: packs it with its settings, runs it as its host. */
@NullMarked
package org.innerkeep.cli.enclosed;

import org.jspecify.annotations.NullMarked;
