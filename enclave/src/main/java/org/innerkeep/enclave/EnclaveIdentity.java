package org.innerkeep.enclave;

import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;

/**
 * What the platform says this enclave is.
 *
 * @param platform the platform's name, such as {@code process}
 * @param measurement of exactly what runs
 * @param signer SHA-256 of the SubjectPublicKeyInfo of whoever signed the bundle, 32 bytes
 * @param productId the product id
 * @param securityVersion the security version
 * @param debug whether the enclave can be debugged
 */
public record EnclaveIdentity(
        String platform, Measurement measurement, Bytes signer, long productId, long securityVersion, boolean debug) {}
