/**
 * Sealed files: the age v1 format with X25519 recipients, streaming in constant memory. Files are exchanged freely with the
 * {@code age} command line tool, binary or armored.
 *
 * <p>Start at {@link org.innerkeep.channel.file.SealedFile}. Passphrases, post-quantum recipients and plugins of the format are
 * recognised where needed to refuse them clearly, and are not implemented.
 *
 * <p>What a sealed file does not prove: who sealed it. Anyone who knows a recipient can seal to it, and a whole file can be
 * replaced by another whole file; where that matters, compare a digest that came over an authenticated way. What it does not
 * hide: its length, within 64 KiB exactly, and the number and kind of its recipients.
 */
@NullMarked
package org.innerkeep.channel.file;

import org.jspecify.annotations.NullMarked;
