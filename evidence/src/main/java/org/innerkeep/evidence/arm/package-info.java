/**
 * Attestation tokens of Arm: CCA (a platform token and a realm token that it binds) and PSA.
 *
 * <p>Not checked: whether software components and measurements are those of code that deserves trust. No public key infrastructure
 * leads to the keys of platforms and devices: each is pinned by itself.
 */
@NullMarked
package org.innerkeep.evidence.arm;

import org.jspecify.annotations.NullMarked;
