/**
 * What is inside the trust boundary of a bundle: which of its code can be reached from the interfaces that it offers, where input of
 * strangers enters, where data may leave. Found from the class files alone; nothing of the bundle is loaded or run.
 */
@NullMarked
package org.innerkeep.cli.tcb;

import org.jspecify.annotations.NullMarked;
