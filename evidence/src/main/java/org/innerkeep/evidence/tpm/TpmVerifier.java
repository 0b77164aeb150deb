package org.innerkeep.evidence.tpm;

import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.innerkeep.evidence.AttesterKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.eventlog.BootState;
import org.innerkeep.evidence.eventlog.LogVerifier;
import org.innerkeep.evidence.internal.Chain;
import org.innerkeep.evidence.internal.Verification;

/** Verifies TPM quotes. */
public final class TpmVerifier {
    private TpmVerifier() {}

    /**
     * Verifies:
     *
     * <ol>
     *   <li>the attestation key is pinned, or a pinned root of a maker of TPMs vouches for it by a certificate of that key;
     *   <li>the quotes, as {@link QuoteVerifier};
     *   <li>the event log leads to the quoted registers, as {@link LogVerifier}.
     * </ol>
     *
     * The measurement is SHA-256 of the {@code pcrs} part: of every quoted value with its bank and register. The digest in the quote
     * itself would not do, as it does not say which registers it is over, and whoever asks the TPM chooses them; it is the claim
     * {@code pcr-digests}.
     *
     * @param evidence the evidence
     * @param run the verification
     * @return the verdict
     */
    public static Verdict verify(TpmEvidence evidence, Verification run) {
        AttestationKey key;
        try {
            key = AttestationKey.of(evidence.template());
        } catch (MalformedException e) {
            run.refuse(Code.MALFORMED, "ak-public", e, "Have the machine make another attestation key.");
            return run.refusal();
        }
        Map<String, ClaimValue> details = new TreeMap<>();
        Optional<Bytes> anchor = anchor(evidence, key, run, details);
        QuoteVerifier.verify(run, evidence.quotes(), key, evidence.pcrs());
        Optional<BootState> boot = evidence.eventLog().flatMap(log -> LogVerifier.verify(run, log, evidence.pcrs().banks()));
        if (evidence.eventLog().isEmpty()) {
            run.notChecked("event log", "the evidence has none: only the values of the registers are proven");
        }
        if (anchor.isEmpty()) {
            return run.refusal();
        }
        details.putAll(QuoteVerifier.claims(evidence.quotes(), key, evidence.pcrs()));
        boot.ifPresent(state -> details.putAll(state.claims()));
        details.put(Claims.MEMORY_READABLE_BY, ClaimValue.of("host"));
        return run.conclude(new Claims(
                "tpm-quote",
                "tpm",
                Optional.of(Measurement.sha256(Bytes.sha256(evidence.pcrs().toByteArray()))),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                boot.map(BootState::debug).orElse(false),
                evidence.quotes().getFirst().quote().extraData(),
                Optional.empty(),
                anchor.get(),
                details));
    }

    /** Step 1. */
    private static Optional<Bytes> anchor(
            TpmEvidence evidence, AttestationKey key, Verification run, Map<String, ClaimValue> details) {
        Optional<Bytes> pinned = run.options().anchors(AttesterKey.class).stream()
                .filter(each -> each.kind() == AttesterKey.Kind.TPM && each.publicKey().equals(key.spki()))
                .map(AttesterKey::id)
                .findFirst();
        if (pinned.isPresent() && (evidence.akCertificate().isEmpty() || run.options().roots(Maker.TPM).isEmpty())) {
            evidence.akCertificate().ifPresent(unread ->
                    run.notChecked("attestation key certificate", "the key itself is pinned, and no root of a maker of TPMs is"));
            return pinned;
        }
        if (evidence.akCertificate().isEmpty()) {
            run.refuse(Code.ANCHOR_NOT_PINNED, "ak-public", "key id " + Bytes.sha256(key.spki().toArray())
                    + ", without a certificate", "a pinned attestation key, or a certificate that leads to a pinned root of a maker of TPMs",
                    "Pin the key after getting it in a safe way, or ask for its certificate.");
            return Optional.empty();
        }
        X509Certificate certificate;
        try {
            certificate = AkCertificate.parse(run.crypto(), "ak-certificate", evidence.akCertificate().get());
        } catch (MalformedException e) {
            run.refuse(Code.MALFORMED, "ak-certificate", e, "Ask for the certificate again.");
            return Optional.empty();
        }
        AkCertificate.checkKey(run, certificate, key.spki(), "ak-certificate");
        Optional<Chain> chain = AkCertificate.prove(run, certificate, "ak-certificate");
        if (chain.isEmpty()) {
            return Optional.empty();
        }
        run.checked("attestation key certificate", "leads to a pinned root of a maker of TPMs");
        try {
            GceInstance.of(certificate).ifPresent(instance -> details.putAll(instance.claims()));
        } catch (MalformedException e) {
            run.refuse(Code.ENDORSEMENT_INVALID, "ak-certificate", e, "Do not trust this certificate.");
        }
        return Optional.of(pinned.orElse(Bytes.sha256(chain.get().root().toArray())));
    }
}
