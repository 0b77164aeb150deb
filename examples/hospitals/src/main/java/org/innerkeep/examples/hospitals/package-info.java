/**
 * Several hospitals train one model on all their patients, and none shows a record to another or to the operator of the
 * machine.
 *
 * <p>The computation is {@link org.innerkeep.examples.hospitals.JointTraining}; it is the same whether it runs protected or
 * in {@link org.innerkeep.examples.hospitals.Unprotected}, so that the two models can be compared byte for byte.
 */
@NullMarked
package org.innerkeep.examples.hospitals;

import org.jspecify.annotations.NullMarked;
