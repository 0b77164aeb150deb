/**
 * Starts processes that are confined before their first instruction: what belongs to a thread of Linux is inherited by the processes
 * that it starts, so a thread made for one start confines itself, starts the process, and ends.
 */
@NullMarked
package org.innerkeep.keeper.linux;

import org.jspecify.annotations.NullMarked;
