/** The vault over HTTP: what owners ask for in JSON, what enclaves ask for in CBOR. */
@NullMarked
package org.innerkeep.vault.http;

import org.jspecify.annotations.NullMarked;
