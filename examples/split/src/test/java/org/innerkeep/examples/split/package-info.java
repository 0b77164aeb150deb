@NullMarked
package org.innerkeep.examples.split;

import org.jspecify.annotations.NullMarked;
