package org.innerkeep.evidence;

import java.security.Provider;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.innerkeep.evidence.arm.CcaVerifier;
import org.innerkeep.evidence.arm.PsaVerifier;
import org.innerkeep.evidence.azure.AzureVerifier;
import org.innerkeep.evidence.certified.CertifiedVerifier;
import org.innerkeep.evidence.dcap.DcapVerifier;
import org.innerkeep.evidence.dcap.Quote;
import org.innerkeep.evidence.eventlog.CcelVerifier;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.Verification;
import org.innerkeep.evidence.keeper.KeeperVerifier;
import org.innerkeep.evidence.nitro.NitroVerifier;
import org.innerkeep.evidence.nvidia.NvidiaVerifier;
import org.innerkeep.evidence.snp.SnpEvidence;
import org.innerkeep.evidence.snp.SnpVerifier;
import org.innerkeep.evidence.token.TokenVerifier;
import org.innerkeep.evidence.tpm.TpmVerifier;

/**
 * Turns evidence into proven claims, or into a refusal with all its reasons.
 *
 * <p>What is decided: form, kind, whether a pinned anchor vouches, every signature, certificate and revocation on the way there, that
 * each endorsement is current, that the parts of the evidence belong together and to the maker's reference values, and the floors of
 * {@link VerifierOptions}. What is <em>not</em> decided, because it is the relying party's choice over proven claims: whose code, which
 * versions, which platform. Acceptance here is no reason to trust an enclave.
 *
 * <p>A verifier remembers what never changes (certificates that were parsed, endorsements whose signature was right), never a decision,
 * and looks at every validity each time. Safe for use by several threads; keep one for long.
 */
public final class Verifier {
    /** The most bytes of evidence. */
    public static final int MAX_EVIDENCE_BYTES = 4 << 20;

    /** The most bytes of a keeper report. */
    public static final int MAX_REPORT_BYTES = 64 * 1024;

    /** How far the clock of a platform may be ahead of the relying party's. */
    public static final Duration MAX_CLOCK_AHEAD = Duration.ofMinutes(2);

    private static final int REMEMBERED = 4096;

    private final Crypto crypto;

    private Verifier(Crypto crypto) {
        this.crypto = crypto;
    }

    /** A verifier that has the Java platform verify signatures. */
    public Verifier() {
        this(new Crypto(Optional.empty(), REMEMBERED));
    }

    /**
     * A verifier that has a security provider verify signatures, such as Conscrypt; what that provider lacks, the Java platform does.
     * The provider is not registered with the platform.
     *
     * @param provider such as {@code Conscrypt.newProvider()}
     * @return a new verifier
     */
    public static Verifier with(Provider provider) {
        return new Verifier(new Crypto(Optional.of(provider), REMEMBERED));
    }

    /**
     * Verifies keeper reports, which need no endorsements; of other kinds of anchors none counts. Debug is not refused but claimed: that floor is the caller's.
     *
     * @param evidence hostile bytes
     * @param anchors what the relying party pinned; with none nothing is accepted
     * @param at the relying party's time
     * @return as {@link #verify(byte[], Endorsements, Instant, VerifierOptions)}
     */
    public static Verdict verify(byte[] evidence, Collection<? extends Anchor> anchors, Instant at) {
        Objects.requireNonNull(anchors, "anchors");
        Objects.requireNonNull(at, "at");
        if (evidence.length > MAX_REPORT_BYTES) {
            return refused(tooLarge(evidence.length, MAX_REPORT_BYTES));
        }
        return new Verifier(new Crypto(Optional.empty(), 0))
                .verify(
                        evidence,
                        Endorsements.none(),
                        at,
                        VerifierOptions.of(anchors.stream().filter(KeeperAnchor.class::isInstance).toList()).allowDebug());
    }

    /**
     * Verifies evidence of any kind:
     *
     * <ol>
     *   <li>its size is within {@link #MAX_EVIDENCE_BYTES}, before anything is parsed;
     *   <li>its kind is known and its form is right;
     *   <li>a pinned anchor vouches for it, by signatures that are all right;
     *   <li>what it says is consistent with itself, with what its maker endorses, and with the time.
     * </ol>
     *
     * Steps 1 and 2 end the verification where they fail; the others are independent of each other as far as they can be, and all run.
     *
     * @param evidence hostile bytes
     * @param endorsements untrusted; asked as need arises
     * @param at the relying party's time
     * @param options what the relying party pinned and lifted
     * @return acceptance with claims, a refusal with every reason, or what was missing to decide
     */
    public Verdict verify(byte[] evidence, Endorsements endorsements, Instant at, VerifierOptions options) {
        Objects.requireNonNull(endorsements, "endorsements");
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(options, "options");
        if (evidence.length > MAX_EVIDENCE_BYTES) {
            return refused(tooLarge(evidence.length, MAX_EVIDENCE_BYTES));
        }
        Optional<Evidence> parsed;
        try {
            parsed = Evidence.parse(evidence);
        } catch (MalformedException e) {
            return refused(new Reason(
                    Reason.Code.MALFORMED,
                    e.field(),
                    "other bytes (" + e.problem() + ")",
                    "well-formed evidence",
                    "Ask again; if it stays so, the sender is broken or hostile"));
        }
        if (parsed.isEmpty()) {
            return refused(new Reason(
                    Reason.Code.KIND_UNKNOWN,
                    "evidence",
                    evidence.length + " bytes of an unknown kind",
                    "evidence of a known kind",
                    "Check what was sent, or use a newer verifier"));
        }
        Verification run = new Verification(endorsements, at, options, crypto);
        return switch (parsed.get()) {
            case Evidence.OfKeeper keeper -> KeeperVerifier.verify(keeper.signed(), run);
            case Evidence.OfDcap dcap -> DcapVerifier.verify(dcap.evidence(), run);
            case Evidence.OfSnp snp -> SnpVerifier.verify(snp.evidence(), run);
            case Evidence.OfCertificate certified -> CertifiedVerifier.verify(certified.evidence(), run);
            case Evidence.OfAzure azure -> AzureVerifier.verify(azure.evidence(), run, Verifier::snp, Verifier::quote);
            case Evidence.OfCcel ccel -> CcelVerifier.verify(ccel.evidence(), run, Verifier::quote);
            case Evidence.OfTpm tpm -> TpmVerifier.verify(tpm.evidence(), run);
            case Evidence.OfNitro nitro -> NitroVerifier.verify(nitro.signed(), run);
            case Evidence.OfCca cca -> CcaVerifier.verify(cca.token(), run);
            case Evidence.OfPsa psa -> PsaVerifier.verify(psa.signed(), run);
            case Evidence.OfNvidia nvidia -> NvidiaVerifier.verify(nvidia.evidence(), run);
            case Evidence.OfToken token -> TokenVerifier.verify(token.token(), run);
        };
    }

    /** A report of SEV-SNP that other evidence stands on. */
    private static Optional<Claims> snp(Bytes report, Verification run) {
        try {
            return Optional.of(SnpVerifier.prove(SnpEvidence.parse(report.toArray()), run));
        } catch (MalformedException e) {
            run.refuse(Reason.Code.MALFORMED, "snp-report", e, "Ask again; if it stays so, the sender is broken or hostile.");
            return Optional.empty();
        }
    }

    /** A quote of TDX that other evidence stands on. */
    private static Optional<Claims> quote(Bytes quote, Verification run) {
        try {
            Quote parsed = Quote.parse(quote.toArray());
            if (!parsed.tdx()) {
                // Its report data would be taken for a trust domain's, and whoever runs an enclave can choose it.
                run.refuse(Reason.Code.PLATFORM_NOT_ACCEPTED, "td-quote", "a quote of an SGX enclave", "one of a trust domain",
                        "Do not trust whoever sent it.");
                return Optional.empty();
            }
            return Optional.of(DcapVerifier.prove(parsed, run));
        } catch (MalformedException e) {
            run.refuse(Reason.Code.MALFORMED, "td-quote", e, "Ask again; if it stays so, the sender is broken or hostile.");
            return Optional.empty();
        }
    }

    private static Reason tooLarge(int found, int most) {
        return new Reason(
                Reason.Code.MALFORMED,
                "evidence",
                found + " bytes",
                "at most " + most + " bytes",
                "Ask for evidence without anything attached");
    }

    private static Verdict refused(Reason reason) {
        return new Verdict.Refused(List.of(reason));
    }
}
