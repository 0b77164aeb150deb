/** What becomes of secrets in a process's memory. */
@NullMarked
package org.innerkeep.channel.secret;

import org.jspecify.annotations.NullMarked;
