/** What the verifiers of several kinds of evidence share. Not for use outside this module. */
@NullMarked
package org.innerkeep.evidence.internal;

import org.jspecify.annotations.NullMarked;
