/** JSON Web Signatures that come from outside: policies and policy certificates. Forms are strict; keys never come from a URL. */
@NullMarked
package org.innerkeep.attestation.jws;

import org.jspecify.annotations.NullMarked;
