/**
 * Attestation reports of NVIDIA GPUs and switches: measurements by the protocol SPDM 1.1 (DMTF DSP0274), signed by the device.
 *
 * <p>What is proven is that a device of NVIDIA's gave these measurements for this nonce. Not checked here: that the measurements are
 * good ones (NVIDIA publishes reference values, RIMs, for each driver and VBIOS; the relying party compares them or pins the measurement),
 * that no certificate of the device was revoked or put on hold since (NVIDIA answers that by OCSP), that the device is in its confidential mode,
 * and that it is the one that the enclave is attached to: that binding is the enclave's, which puts the report or its nonce into its own evidence.
 */
@NullMarked
package org.innerkeep.evidence.nvidia;

import org.jspecify.annotations.NullMarked;
