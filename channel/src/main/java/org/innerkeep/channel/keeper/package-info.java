/**
 * The keeper protocol: what a host may ask a keeper for, what an enclave may ask its keeper for, and how the two sides of
 * the boundary find each other. All of it is typed calls over Unix-domain sockets.
 *
 * <p>Three connections, each opened with a preamble of one kind byte and a 32-byte token where one is needed:
 *
 * <ul>
 *   <li>host to keeper: {@link org.innerkeep.channel.keeper.KeeperService}; the keeper knows the host's user from the
 *       kernel. When this connection ends, the keeper ends the enclave.
 *   <li>enclave to keeper: {@link org.innerkeep.channel.keeper.PlatformService}; opened once, with a token that the
 *       enclave alone read from its standard input.
 *   <li>host to enclave, the boundary: {@link org.innerkeep.channel.keeper.Boundary}; one connection for typed calls, one
 *       for each client session, whose bytes the enclave's own TLS protects.
 * </ul>
 */
@NullMarked
package org.innerkeep.channel.keeper;

import org.jspecify.annotations.NullMarked;
