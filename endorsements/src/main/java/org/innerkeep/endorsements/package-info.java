/**
 * Fetches what makers endorse over HTTP, and keeps it: Intel's Provisioning Certification Service and its caching service (PCCS), AMD's
 * Key Distribution Service, a cache on disk, and a recording of everything that answered.
 *
 * <p>Nothing here is trusted or verified: a {@link org.innerkeep.evidence.Verifier} takes of it what a pinned anchor's signatures cover
 * and time proves current. What this package looks at, it looks at to choose and to bound. A module of its own because it needs
 * {@code java.net.http}, which enclaves do not link.
 */
@NullMarked
package org.innerkeep.endorsements;

import org.jspecify.annotations.NullMarked;
