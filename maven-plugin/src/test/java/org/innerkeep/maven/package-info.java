/** Tests of what runs inside Maven; the goal as a whole is tested in {@code cli}, with the machine's Maven. */
@NullMarked
package org.innerkeep.maven;

import org.jspecify.annotations.NullMarked;
