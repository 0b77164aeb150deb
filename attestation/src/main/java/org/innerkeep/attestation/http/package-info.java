/** The service over HTTP: what is called, who may call it, and how much of it anyone may take. */
@NullMarked
package org.innerkeep.attestation.http;

import org.jspecify.annotations.NullMarked;
