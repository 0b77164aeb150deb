/** From jars and a properties file to a bundle: what {@code innerkeep pack} and the Maven plugin share. */
@NullMarked
package org.innerkeep.packing;

import org.jspecify.annotations.NullMarked;
