/** Claims and test cases of policies in JSON files, and running these cases with a count of what they reach. */
@NullMarked
package org.innerkeep.policy.cases;

import org.jspecify.annotations.NullMarked;
