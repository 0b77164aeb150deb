package org.innerkeep.evidence.dcap;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.internal.JsonValue;

/**
 * What Intel's quoting enclave is like (Intel PCS API, version 4, {@code EnclaveIdentity}, version 2). Parsed and not verified. Fields
 * that are not known are left out of account, as Intel adds some without a new version.
 *
 * @param tee SGX for {@code QE}, TDX for {@code TD_QE}
 * @param issueDate since when it holds
 * @param nextUpdate until when it holds
 * @param evaluation {@code tcbEvaluationDataNumber}
 * @param miscSelect 4 bytes, as they lie in memory
 * @param miscSelectMask 4 bytes: which bits count
 * @param attributes 16 bytes
 * @param attributesMask 16 bytes: which bits count
 * @param mrSigner 32 bytes
 * @param isvProdId 16 bits
 * @param levels the newest first
 * @param signed the bytes that are signed
 * @param signature 64 bytes
 */
public record EnclaveIdentity(
        Need.Tee tee,
        Instant issueDate,
        Instant nextUpdate,
        int evaluation,
        Bytes miscSelect,
        Bytes miscSelectMask,
        Bytes attributes,
        Bytes attributesMask,
        Bytes mrSigner,
        int isvProdId,
        List<SvnLevel> levels,
        Bytes signed,
        Bytes signature)
        implements SignedJson {
    private static final List<TcbStatus> STATUSES = List.of(
            TcbStatus.UP_TO_DATE,
            TcbStatus.CONFIGURATION_NEEDED,
            TcbStatus.OUT_OF_DATE,
            TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED,
            TcbStatus.REVOKED);

    /** Copies the levels. */
    public EnclaveIdentity {
        levels = List.copyOf(levels);
    }

    /**
     * Reads the JSON as Intel serves it.
     *
     * @param text hostile bytes
     * @return the identity, of which nothing is verified
     * @throws MalformedException if the text is anything else, or of an enclave that is no quoting enclave
     */
    public static EnclaveIdentity parse(byte[] text) throws MalformedException {
        return parse(text, JsonValue.object("enclave identity", text));
    }

    static EnclaveIdentity parse(byte[] text, JsonValue.Obj outer) throws MalformedException {
        JsonValue.Obj identity = SignedJson.inner(outer, "enclaveIdentity");
        Bytes signature = outer.hex("signature", 64);
        identity.integer("version", 2, 2);
        return new EnclaveIdentity(
                tee(identity),
                SignedJson.time(identity, "issueDate"),
                SignedJson.time(identity, "nextUpdate"),
                (int) identity.integer("tcbEvaluationDataNumber", 0, Integer.MAX_VALUE),
                identity.hex("miscselect", 4),
                identity.hex("miscselectMask", 4),
                identity.hex("attributes", 16),
                identity.hex("attributesMask", 16),
                identity.hex("mrsigner", 32),
                (int) identity.integer("isvprodid", 0, 0xffff),
                SignedJson.levels(identity, STATUSES),
                SignedJson.slice(text, identity),
                signature);
    }

    private static Need.Tee tee(JsonValue.Obj identity) throws MalformedException {
        return switch (identity.text("id")) {
            case "QE" -> Need.Tee.SGX;
            case "TD_QE" -> Need.Tee.TDX;
            default -> throw new MalformedException("id", identity.start(), "expected QE or TD_QE");
        };
    }

    /**
     * The level of a version.
     *
     * @param isvSvn the version of a quoting enclave
     * @return the highest level that it reaches, or nothing where it reaches none
     */
    public Optional<SvnLevel> level(int isvSvn) {
        return levels.stream().filter(each -> each.isvSvn() <= isvSvn).findFirst();
    }
}
