package org.innerkeep.evidence.eventlog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.internal.HardwareCheck;
import org.innerkeep.evidence.internal.Verification;

/** Verifies TD quotes with their event logs. */
public final class CcelVerifier {
    private static final int RTMR_HEX = 96;

    private CcelVerifier() {}

    /**
     * Verifies:
     *
     * <ol>
     *   <li>the quote, as one without a log;
     *   <li>the log against the quote's RTMRs, as {@link CcelReplay}.
     * </ol>
     *
     * The claims are those of the quote, and those that the log proves.
     *
     * @param evidence the evidence
     * @param run the verification
     * @param quotes verifies TD quotes
     * @return the verdict
     */
    public static Verdict verify(CcelEvidence evidence, Verification run, HardwareCheck quotes) {
        Optional<Claims> claims = quotes.check(evidence.quote(), run);
        if (claims.isEmpty()) {
            return run.refusal();
        }
        List<Bytes> rtmrs = new ArrayList<>();
        for (int i = 0; i < CcelReplay.REGISTERS; i++) {
            claims.get().text("tdx_rtmr" + i).filter(hex -> hex.length() == RTMR_HEX).map(Bytes::fromHex).ifPresent(rtmrs::add);
        }
        if (rtmrs.size() != CcelReplay.REGISTERS) {
            run.refuse(Code.NOT_VERIFIABLE, "quote", "evidence without RTMRs", "a TD quote", "Send the quote that belongs to the log.");
            return run.refusal();
        }
        Map<String, ClaimValue> details = new TreeMap<>(claims.get().details());
        Optional<BootState> boot = CcelReplay.verify(run, evidence.log(), rtmrs);
        boot.ifPresent(state -> details.putAll(state.claims()));
        Claims quote = claims.get();
        return run.conclude(new Claims(
                quote.kind(),
                quote.platform(),
                quote.measurement(),
                quote.signer(),
                quote.productId(),
                quote.securityVersion(),
                quote.debug() || boot.map(BootState::debug).orElse(false),
                quote.reportData(),
                quote.issuedAt(),
                quote.anchor(),
                details));
    }
}
