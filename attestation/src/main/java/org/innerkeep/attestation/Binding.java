package org.innerkeep.attestation;

import java.util.Arrays;
import java.util.Optional;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;

/**
 * Whether the data that a client sends with its evidence is the data that the evidence is over. The digest is SHA-256 of the bytes as
 * they were sent, and stands
 *
 * <ul>
 *   <li>runtime data: in the first 32 bytes of the report data; what comes after them is zero, except on SGX, where it is free;
 *   <li>initial data: on SGX in the first 32 bytes of the configuration id, on SEV-SNP in the host data, on TDX in {@code MRCONFIGID}; what
 *       comes after is zero.
 * </ul>
 */
final class Binding {
    private static final int DIGEST = 32;

    private Binding() {}

    /**
     * Compares.
     *
     * @param claims proven
     * @param request whose data is compared, where it has some
     * @throws RefusedException naming what does not match
     */
    static void check(Claims claims, AttestationRequest request) throws RefusedException {
        if (request.runtimeData().isPresent()) {
            Bytes data = request.runtimeData().get().data();
            if (!holds(claims.reportData(), data, !claims.platform().equals("sgx"))) {
                throw mismatch("runtimeData", "report data");
            }
        }
        if (request.initTimeData().isPresent()) {
            Bytes field = initial(claims).orElseThrow(() -> new RefusedException(Code.INVALID_PARAMETER,
                    "initTimeData: evidence of kind " + claims.kind() + " has no place for its digest; send none"));
            if (!holds(field, request.initTimeData().get().data(), true)) {
                throw mismatch("initTimeData", switch (claims.platform()) {
                    case "sgx" -> "configuration id";
                    case "snp" -> "host data";
                    default -> "MRCONFIGID";
                });
            }
        }
    }

    private static Optional<Bytes> initial(Claims claims) {
        Optional<String> found = switch (claims.platform()) {
            case "sgx" -> claims.text("x-ms-sgx-config-id");
            case "snp" -> claims.text("x-ms-sevsnpvm-hostdata");
            case "tdx" -> claims.text("tdx_mrconfigid");
            default -> Optional.empty();
        };
        return found.map(Bytes::fromHex);
    }

    private static boolean holds(Bytes field, Bytes data, boolean restIsZero) {
        byte[] bytes = field.toArray();
        if (bytes.length < DIGEST) {
            return false;
        }
        boolean zero = Arrays.equals(Arrays.copyOfRange(bytes, DIGEST, bytes.length), new byte[bytes.length - DIGEST]);
        return Bytes.of(Arrays.copyOf(bytes, DIGEST)).equals(Bytes.sha256(data.toArray())) && (zero || !restIsZero);
    }

    private static RefusedException mismatch(String what, String where) {
        return new RefusedException(Code.INVALID_PARAMETER, what + ": the evidence is not over it: its SHA-256 is not in the " + where
                + ". Send the bytes that were digested, before anything reads or writes them anew.");
    }
}
