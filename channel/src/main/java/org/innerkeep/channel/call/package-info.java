/** Typed calls: schemas taken from Java interfaces, a strict codec, concurrent calls with deadlines over any pair of streams. */
@NullMarked
package org.innerkeep.channel.call;

import org.jspecify.annotations.NullMarked;
