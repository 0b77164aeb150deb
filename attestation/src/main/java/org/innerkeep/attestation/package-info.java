/** The attestation service. */
@org.jspecify.annotations.NullMarked
package org.innerkeep.attestation;
