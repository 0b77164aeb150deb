/** What runs outside: the operator's host with its table of merchants, and the bank as a client. */
@NullMarked
package org.innerkeep.examples.split.outside;

import org.jspecify.annotations.NullMarked;
