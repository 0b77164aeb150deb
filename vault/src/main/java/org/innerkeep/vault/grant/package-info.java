/**
 * Which enclaves may use a key: grants, and what is decided by them.
 *
 * <p>Claims are taken as proven here; whoever asks has had them verified, and knows that they are fresh.
 */
@NullMarked
package org.innerkeep.vault.grant;

import org.jspecify.annotations.NullMarked;
