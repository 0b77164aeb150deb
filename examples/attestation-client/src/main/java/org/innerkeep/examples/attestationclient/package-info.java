/** A program that was written for Azure Attestation, with another address. */
@NullMarked
package org.innerkeep.examples.attestationclient;

import org.jspecify.annotations.NullMarked;
