/** An ordinary web service. It knows nothing of enclaves. */
@NullMarked
package org.innerkeep.examples.server.notes;

import org.jspecify.annotations.NullMarked;
