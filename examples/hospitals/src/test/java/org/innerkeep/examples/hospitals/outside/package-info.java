@NullMarked
package org.innerkeep.examples.hospitals.outside;

import org.jspecify.annotations.NullMarked;
