/**
 * Signed CBOR objects: COSE_Sign1 (RFC 9052). {@link org.innerkeep.evidence.cose.CoseSign1} is our own profile, with ES256 (RFC 9053
 * section 2.1) and nothing else of COSE; {@link org.innerkeep.evidence.cose.CoseMessage} reads the documents of others.
 *
 * <p>A valid signature proves only that the holder of a key signed these bytes. Whether that key deserves trust is not
 * decided here.
 */
@NullMarked
package org.innerkeep.evidence.cose;

import org.jspecify.annotations.NullMarked;
