/** A small enclave that does at the boundary whatever a test asks it to. */
@NullMarked
package org.innerkeep.cli.demo.probe;

import org.jspecify.annotations.NullMarked;
