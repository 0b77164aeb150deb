/**
 * The one strict CBOR reader and its writer (RFC 8949, core deterministic encoding of section 4.2, except that floating
 * point numbers keep the width that their schema gives them).
 */
@NullMarked
package org.innerkeep.evidence.cbor;

import org.jspecify.annotations.NullMarked;
