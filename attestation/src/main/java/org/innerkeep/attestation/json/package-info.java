/** JSON as the service reads and writes it: strict, bounded, and without any binding to classes. */
@NullMarked
package org.innerkeep.attestation.json;

import org.jspecify.annotations.NullMarked;
