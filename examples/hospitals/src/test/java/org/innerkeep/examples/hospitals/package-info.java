@NullMarked
package org.innerkeep.examples.hospitals;

import org.jspecify.annotations.NullMarked;
