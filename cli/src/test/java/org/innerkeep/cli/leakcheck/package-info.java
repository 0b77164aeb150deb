@NullMarked
package org.innerkeep.cli.leakcheck;

import org.jspecify.annotations.NullMarked;
