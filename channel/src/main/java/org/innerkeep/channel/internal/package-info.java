/** What several packages of this module share. Not for other modules. */
@NullMarked
package org.innerkeep.channel.internal;

import org.jspecify.annotations.NullMarked;
