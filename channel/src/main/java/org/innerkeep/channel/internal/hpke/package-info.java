/**
 * Hybrid public key encryption (HPKE, RFC 9180) with a key encapsulation that also withstands quantum computers (X-Wing), and the
 * primitives below it. Everything but one block of SHAKE256 is the JDK's.
 *
 * <p>Start at {@link org.innerkeep.channel.internal.hpke.Hpke}. Only what the age format's hybrid recipient needs is here: base
 * mode, one message for each encapsulation, one suite, no associated data. Encryption to a public key does not prove who
 * encrypted.
 */
@NullMarked
package org.innerkeep.channel.internal.hpke;

import org.jspecify.annotations.NullMarked;
