/** The Maven plugin: packs an enclave when a project is packaged. */
@NullMarked
package org.innerkeep.maven;

import org.jspecify.annotations.NullMarked;
