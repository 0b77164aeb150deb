@NullMarked
package org.innerkeep.cli.profile;

import org.jspecify.annotations.NullMarked;
