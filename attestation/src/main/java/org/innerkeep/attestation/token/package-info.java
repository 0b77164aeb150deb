/** The tokens that the service signs: their claims, their keys, and the certificates of those keys. */
@NullMarked
package org.innerkeep.attestation.token;

import org.jspecify.annotations.NullMarked;
