package org.innerkeep.evidence;

import java.util.Optional;

/** Something that a verifier needs to decide and that does not stand in the evidence. */
public sealed interface Need {
    /** Which of Intel's technologies. */
    enum Tee {
        /** SGX. */
        SGX,
        /** TDX. */
        TDX
    }

    /**
     * Intel's TCB info for a kind of platform (Intel PCS API version 4).
     *
     * @param tee SGX or TDX
     * @param fmspc family, model, stepping, platform and custom SKU, 6 bytes
     */
    record TcbInfo(Tee tee, Bytes fmspc) implements Need {}

    /**
     * Intel's identity of the quoting enclave (Intel PCS API version 4).
     *
     * @param tee SGX for the QE, TDX for the TD QE
     */
    record EnclaveIdentity(Tee tee) implements Need {}

    /**
     * The certificate of a PCK key whose quote only says how to look it up (Intel PCS API version 4, Get PCK Certificate).
     *
     * @param qeId id of the platform, as its quoting enclave states it, 16 bytes
     * @param ppid the platform's provisioning id, 16 bytes in clear, 256 or 384 where it is encrypted
     * @param cpuSvn 16 bytes
     * @param pceSvn version of the provisioning certification enclave
     * @param pceId 2 bytes, or nothing where the quote does not say it
     */
    record PckCertificate(Bytes qeId, Bytes ppid, Bytes cpuSvn, int pceSvn, Optional<Bytes> pceId) implements Need {}

    /**
     * The revocation list of an issuer.
     *
     * @param issuer its distinguished name, DER
     * @param name the same name, for messages
     */
    record RevocationList(Bytes issuer, String name) implements Need {}

    /**
     * Certificates of an issuer.
     *
     * @param subject its distinguished name, DER
     * @param name the same name, for messages
     */
    record IssuerCertificate(Bytes subject, String name) implements Need {}

    /**
     * The certificate of an AMD chip's key (AMD KDS, VCEK Certificate and KDS Interface Specification).
     *
     * @param product {@code Milan}, {@code Genoa} or {@code Turin}
     * @param chipId 64 bytes, or 8 for Turin
     * @param tcb the reported TCB, 8 bytes as they stand in the report
     */
    record Vcek(String product, Bytes chipId, Bytes tcb) implements Need {}

    /**
     * The certificate of an AMD key that was loaded by a cloud, which only that cloud can give.
     *
     * @param product {@code Milan}, {@code Genoa} or {@code Turin}
     * @param tcb the reported TCB, 8 bytes as they stand in the report
     */
    record Vlek(String product, Bytes tcb) implements Need {}

    /**
     * AMD's certificates over a product line's keys.
     *
     * @param product {@code Milan}, {@code Genoa} or {@code Turin}
     * @param vlek whether those over keys that clouds load, else those over chips' own
     */
    record AmdChain(String product, boolean vlek) implements Need {}

    /**
     * The certificate chain of the key that signed a report which brings none, such as a GPU's.
     *
     * @param what whose chain, for messages
     */
    record ChainOf(String what) implements Need {}

    /**
     * The keys that an attestation service publishes, a JSON Web Key Set with the certificate chain of each key.
     *
     * @param issuer the {@code iss} of its tokens
     */
    record TokenKeys(String issuer) implements Need {}
}
