/** Tests of the real thing: the built command, keepers, hosts, enclaves and clients, each a process of its own. */
@NullMarked
package org.innerkeep.cli.it;

import org.jspecify.annotations.NullMarked;
