/** The enclave that is split badly. */
@NullMarked
package org.innerkeep.examples.split.badly;

import org.jspecify.annotations.NullMarked;
