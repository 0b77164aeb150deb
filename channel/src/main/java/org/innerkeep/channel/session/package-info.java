/**
 * Attested sessions: TLS 1.3 that ends inside the enclave, bound to fresh evidence before any application byte.
 *
 * <p>{@link org.innerkeep.channel.session.AttestedSession} is the one to use. It proves two things in turn: the
 * certificate's evidence binds the enclave's TLS key to what runs (RA-TLS), and evidence made for this very session binds
 * the client's nonce and the TLS exporter value, so that neither old evidence nor evidence of another session serves.
 * {@link org.innerkeep.channel.session.AttestedContext} stops after the first step, for libraries that want a plain
 * {@code SSLContext}.
 *
 * <p>Nothing here knows a kind of evidence. The {@link org.innerkeep.channel.session.Attester} obtains it, the
 * {@link org.innerkeep.channel.session.Appraiser} decides about it. The client is not authenticated by the session: a
 * program that must know its clients has them sign {@link org.innerkeep.channel.session.AttestedSession#binding()}.
 */
@NullMarked
package org.innerkeep.channel.session;

import org.jspecify.annotations.NullMarked;
