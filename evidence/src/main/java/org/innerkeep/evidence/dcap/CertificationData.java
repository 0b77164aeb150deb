package org.innerkeep.evidence.dcap;

import java.nio.ByteOrder;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.ByteReader;

/**
 * How a quote says which PCK key signed the report of its quoting enclave (Intel SGX ECDSA QuoteLibReference, table 9): by what it takes
 * to look the certificate up, or by the certificate itself.
 *
 * @param type 1 PPID, 2 PPID encrypted by RSA-2048, 3 by RSA-3072, 4 the certificate, 5 the certificate chain
 * @param data as it stands in the quote
 */
public record CertificationData(int type, Bytes data) {
    /** The PPID in clear, 16 bytes. */
    public static final int PPID = 1;

    /** The PPID encrypted with a key of 2048 bits, 256 bytes. */
    public static final int PPID_RSA_2048 = 2;

    /** The PPID encrypted with a key of 3072 bits, 384 bytes. */
    public static final int PPID_RSA_3072 = 3;

    /** The PCK certificate alone, PEM or DER. */
    public static final int PCK_CERTIFICATE = 4;

    /** The PCK certificate and those above it, PEM, one after the other. */
    public static final int PCK_CHAIN = 5;

    /** The most bytes of a certificate chain. */
    public static final int MAX_CHAIN_BYTES = 64 * 1024;

    /**
     * What it takes to look a PCK certificate up.
     *
     * @param ppid the platform's provisioning id, 16 bytes in clear or as it was encrypted
     * @param cpuSvn 16 bytes
     * @param pceSvn of the provisioning certification enclave
     * @param pceId 2 bytes; absent in some quotes with the PPID in clear
     */
    public record Platform(Bytes ppid, Bytes cpuSvn, int pceSvn, Optional<Bytes> pceId) {}

    /** Reads type, length and data. */
    static CertificationData parse(ByteReader reader) throws MalformedException {
        int start = reader.offset();
        int type = reader.u16("certification data type");
        if (type < PPID || type > PCK_CHAIN) {
            throw new MalformedException("certification data type", start, "expected 1 to 5, found " + type);
        }
        int length = reader.count("certification data length", 0, MAX_CHAIN_BYTES);
        CertificationData found = new CertificationData(type, reader.bytes("certification data", length));
        found.platform();
        return found;
    }

    /**
     * Reads the forms that name a platform.
     *
     * @return what it takes to look the certificate up, or nothing for the forms that bring it
     * @throws MalformedException if the data has another length than its type has
     */
    public Optional<Platform> platform() throws MalformedException {
        int ppid = switch (type) {
            case PPID -> 16;
            case PPID_RSA_2048 -> 256;
            case PPID_RSA_3072 -> 384;
            default -> -1;
        };
        if (ppid < 0) {
            return Optional.empty();
        }
        ByteReader reader = new ByteReader(data.toArray(), ByteOrder.LITTLE_ENDIAN);
        Bytes id = reader.bytes("PPID", ppid);
        Bytes cpuSvn = reader.bytes("CPUSVN", 16);
        int pceSvn = reader.u16("PCESVN");
        Optional<Bytes> pceId =
                type == PPID && reader.remaining() == 0 ? Optional.empty() : Optional.of(reader.bytes("PCEID", 2));
        reader.end("certification data");
        return Optional.of(new Platform(id, cpuSvn, pceSvn, pceId));
    }
}
