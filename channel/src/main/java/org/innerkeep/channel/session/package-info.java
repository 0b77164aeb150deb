/** Attested sessions: TLS 1.3 that ends inside the enclave, bound to fresh evidence before any application byte. */
@NullMarked
package org.innerkeep.channel.session;

import org.jspecify.annotations.NullMarked;
