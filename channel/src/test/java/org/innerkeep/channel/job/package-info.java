@NullMarked
package org.innerkeep.channel.job;

import org.jspecify.annotations.NullMarked;
