/**
 * The keeper: the trusted side of the software platforms. It copies a bundle to where nobody else can write, measures that
 * copy and the Java runtime, starts and confines the enclave's process, signs its reports and derives its sealing keys.
 *
 * <p>Whoever administers the keeper's machine is trusted: a report proves code to those who pinned this keeper, it does not
 * defend against its administrator.
 */
@NullMarked
package org.innerkeep.keeper;

import org.jspecify.annotations.NullMarked;
