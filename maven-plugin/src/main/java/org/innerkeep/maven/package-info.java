/** The Maven plugin. It resolves and reports; the packing itself runs in a Java process of its own. */
@NullMarked
package org.innerkeep.maven;

import org.jspecify.annotations.NullMarked;
