/** The programs outside the enclave: one for each hospital, one for the operator. None of this is in the bundle. */
@NullMarked
package org.innerkeep.examples.hospitals.outside;

import org.jspecify.annotations.NullMarked;
