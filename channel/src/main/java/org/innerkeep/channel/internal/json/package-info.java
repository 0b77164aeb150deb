/** A strict reader of JSON, inside enclaves too. Not for other modules. */
@NullMarked
package org.innerkeep.channel.internal.json;

import org.jspecify.annotations.NullMarked;
