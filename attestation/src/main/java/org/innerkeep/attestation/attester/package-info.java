/**
 * The devices by which the service's own machine says what it runs, and the evidence that they give for the keys of tokens. Nothing is
 * verified here but that evidence is over what it was asked for: to verify is for relying parties.
 */
@NullMarked
package org.innerkeep.attestation.attester;

import org.jspecify.annotations.NullMarked;
