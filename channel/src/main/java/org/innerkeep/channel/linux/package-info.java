/**
 * What the Linux kernel is asked for, on both sides of an enclave's start: its calls by name, the filters that refuse calls
 * (seccomp(2)), and the two lists of calls that an enclave may make. The keeper sets the first list before an enclave's JVM starts;
 * the runtime inside sets the second, narrower one before the program's code is loaded.
 */
@NullMarked
package org.innerkeep.channel.linux;

import org.jspecify.annotations.NullMarked;
