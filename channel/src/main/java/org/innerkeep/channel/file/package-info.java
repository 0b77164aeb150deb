/** Sealed files: the age v1 format (X25519), streaming in constant memory. */
@NullMarked
package org.innerkeep.channel.file;

import org.jspecify.annotations.NullMarked;
