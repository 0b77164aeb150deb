/**
 * Sealed files: the age v1 format, streaming in constant memory, with recipients that also withstand quantum computers (hybrid:
 * ML-KEM-768 and X25519) or classic ones (X25519). Files are exchanged freely with the {@code age} command line tool, binary or
 * armored; versions of it before 1.3 know classic keys only.
 *
 * <p>Start at {@link org.innerkeep.channel.file.SealedFile}. Passphrases and plugins of the format are
 * recognised where needed to refuse them clearly, and are not implemented.
 *
 * <p>What a sealed file does not prove: who sealed it. Anyone who knows a recipient can seal to it, and a whole file can be
 * replaced by another whole file; where that matters, compare a digest that came over an authenticated way. What it does not
 * hide: its length, within 64 KiB exactly, and the number and kind of its recipients.
 */
@NullMarked
package org.innerkeep.channel.file;

import org.jspecify.annotations.NullMarked;
