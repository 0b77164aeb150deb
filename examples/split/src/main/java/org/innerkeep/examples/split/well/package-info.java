/** The enclave that is split well. */
@NullMarked
package org.innerkeep.examples.split.well;

import org.jspecify.annotations.NullMarked;
