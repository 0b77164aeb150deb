/**
 * The key operations of Azure Key Vault over the vault's own store, so that its clients work unchanged: the interface, release policies
 * of version 1.0.0, the tokens that they are evaluated on, and the wrapping of released keys. Written from the public documentation.
 */
@NullMarked
package org.innerkeep.vault.azure;

import org.jspecify.annotations.NullMarked;
