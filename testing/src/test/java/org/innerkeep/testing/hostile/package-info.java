@NullMarked
package org.innerkeep.testing.hostile;

import org.jspecify.annotations.NullMarked;
