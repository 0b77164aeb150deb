/** Appraisal policies in the language of Microsoft Azure Attestation. */
@org.jspecify.annotations.NullMarked
package org.innerkeep.policy;
