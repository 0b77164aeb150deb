/**
 * A hostile host for tests. {@link org.innerkeep.testing.hostile.HostileHost} stands where an operator's host stands: it carries
 * clients' sessions, calls the enclave, stores what the enclave gives it, and starts, ends and exchanges enclaves. Under a
 * {@link org.innerkeep.testing.hostile.Schedule} it does all that wrongly, at points counted in events, and writes down what it
 * did. {@link org.innerkeep.testing.hostile.HostileHost#explore} runs a scenario under many schedules.
 *
 * <p>It does what a host can do with bytes, calls, files and processes. It does not read memory, measure time or watch caches.
 */
@NullMarked
package org.innerkeep.testing.hostile;

import org.jspecify.annotations.NullMarked;
