package org.innerkeep.attestation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.token.TokenKeys;
import org.innerkeep.attestation.token.TokenKey;
import org.innerkeep.attestation.token.TokenClaims;
import org.innerkeep.endorsements.Recording;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.dcap.DcapEvidence;
import org.innerkeep.evidence.dcap.OpenEnclaveReport;
import org.innerkeep.evidence.dcap.Quote;
import org.innerkeep.evidence.snp.SnpReport;
import org.innerkeep.policy.Claim;
import org.innerkeep.policy.ClaimValue;
import org.innerkeep.policy.Decision;
import org.innerkeep.policy.Explanation;
import org.innerkeep.policy.Outcome;
import org.innerkeep.policy.Policy;

/**
 * Appraises evidence:
 *
 * <ol>
 *   <li>it is of the form that its type takes;
 *   <li>the policy's configuration rules say which TCB baseline is wanted;
 *   <li>the verifier proves its claims, above the floors of the service;
 *   <li>the data that came with it is what it is over;
 *   <li>the policy decides over the proven claims and issues its own.
 * </ol>
 *
 * Whatever fails ends it: a policy never sees a claim that is not proven. Has no clock, no randomness, and no state that changes what
 * comes of it, so that an appraisal can be made again. Safe for use by several threads.
 */
final class Appraiser {
    private static final String BASELINE = "x-ms-sgx-tcbidentifier";
    private static final String DEFAULT_BASELINE = "azuredefault";
    private static final int MAX_TRACE_CHARACTERS = 2000;

    private final Verifier verifier;
    private final Floors floors;
    private final VerifierOptions withoutBaseline;
    private final CollateralMemory memory = new CollateralMemory();

    /**
     * Where endorsements come from.
     *
     * @param local what is at hand
     * @param fetched what is asked for over the network, and kept; only for evidence against which nothing at hand speaks
     */
    record Sources(Endorsements local, Optional<Endorsements> fetched) {}

    Appraiser(Verifier verifier, Floors floors) {
        this.verifier = verifier;
        this.floors = floors;
        this.withoutBaseline = floors.options(OptionalInt.empty());
    }

    /**
     * Appraises.
     *
     * @param request hostile
     * @param policy that decides
     * @param sources of endorsements beside those of the request
     * @param at the time
     * @param fresh whether the nonce is one of this service's, current, and in the data that the evidence is over
     * @return what it came to
     */
    Appraisal appraise(
            AttestationRequest request, SetPolicy policy, Sources sources, Instant at, boolean fresh) {
        Optional<UsedEndorsements> used = Optional.empty();
        boolean proven = false;
        Appraisal.Outcome outcome;
        try {
            Form form = Form.of(request);
            OptionalInt baseline = baseline(policy.parsed());
            Optional<Recording> brought = brought(request, form);
            Endorsements local =
                    brought.isPresent() ? Endorsements.allOf(List.of(brought.get(), sources.local())) : sources.local();
            UsedEndorsements endorsements = new UsedEndorsements(local, brought, memory);
            used = Optional.of(endorsements);
            Verdict verdict = verify(form, endorsements, at, baseline);
            boolean more = verdict instanceof Verdict.Undecided
                    // Whoever brings endorsements chooses how old they are: what is newer counts.
                    || (verdict instanceof Verdict.Accepted && brought.isPresent());
            if (more && sources.fetched().isPresent()) {
                // Only now: whoever sends what is forged must not make the service ask others for anything.
                endorsements = new UsedEndorsements(Endorsements.allOf(List.of(local, sources.fetched().get())), brought, memory);
                used = Optional.of(endorsements);
                verdict = verify(form, endorsements, at, baseline);
            }
            Claims claims = accepted(verdict);
            checkKind(request.type(), claims);
            Binding.check(claims, request);
            Map<String, Object> token = token(request, claims, policy, endorsements, fresh);
            proven = true;
            decide(policy.parsed(), baseline, claims, token);
            outcome = new Appraisal.Outcome.Permitted(token);
        } catch (RefusedException e) {
            outcome = new Appraisal.Outcome.NotPermitted(e.problem());
        }
        Optional<Bytes> archive = used.flatMap(UsedEndorsements::archive);
        boolean keep = used.isPresent() && archive.isPresent() && used.get().toBeKept(archive.get());
        return new Appraisal(outcome, proven, archive, keep);
    }

    /** The evidence as its verifier takes it. */
    private record Form(Bytes evidence, Optional<Bytes> certificates) {
        static Form of(AttestationRequest request) throws RefusedException {
            try {
                return switch (request.type()) {
                    case SGX_ENCLAVE -> quote(request.evidence(), "quote", false, false);
                    case OPEN_ENCLAVE -> quote(request.evidence(), "report", true, false);
                    case TDX_VM -> quote(request.evidence(), "quote", false, true);
                    case SEV_SNP_VM -> snp(request);
                    case EVIDENCE -> new Form(request.evidence(), Optional.empty());
                    default -> throw new RefusedException(Code.NOT_OFFERED, notOffered(request.type()));
                };
            } catch (MalformedException e) {
                throw new RefusedException(Code.INVALID_PARAMETER, e);
            }
        }

        private static Form quote(Bytes evidence, String field, boolean openEnclave, boolean tdx)
                throws MalformedException, RefusedException {
            Optional<DcapEvidence> parsed = DcapEvidence.parse(evidence.toArray());
            boolean form = parsed.map(each -> openEnclave ? each instanceof OpenEnclaveReport : each instanceof Quote).orElse(false);
            if (!form || parsed.get().quote().tdx() != tdx) {
                throw new RefusedException(Code.INVALID_PARAMETER, field + ": expected "
                        + (openEnclave ? "a report of the Open Enclave SDK around a quote of an SGX enclave"
                                : "a quote of " + (tdx ? "a TDX trust domain" : "an SGX enclave"))
                        + ", found " + evidence.length() + " bytes of another form.");
            }
            return new Form(evidence, Optional.empty());
        }

        private static Form snp(AttestationRequest request) throws MalformedException, RefusedException {
            if (request.runtimeData().filter(data -> !data.json()).isPresent()) {
                throw new RefusedException(Code.INVALID_PARAMETER,
                        "runtimeData.dataType: Binary is not allowed for SevSnpVm; send JSON.");
            }
            SnpBody body = SnpBody.parse(request.evidence());
            SnpReport.parse(body.report().toArray());
            return new Form(body.report(), body.certificates());
        }
    }

    static String notOffered(AttestationType type) {
        return type + ": this service does not attest it. It attests SgxEnclave, OpenEnclave, SevSnpVm, TdxVm, and by /attest/Evidence"
                + " every kind of evidence that 'innerkeep verify' knows.";
    }

    /** The endorsements that the request brings, and which of them are answered with. */
    private static Optional<Recording> brought(AttestationRequest request, Form form) throws RefusedException {
        List<Bytes> brought = new ArrayList<>(request.endorsements());
        form.certificates().ifPresent(brought::add);
        if (brought.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Recording(EndorsementPool.of(brought)));
        } catch (MalformedException e) {
            throw new RefusedException(Code.INVALID_PARAMETER, e);
        }
    }

    /** Step 2. What depends on claims cannot be known yet; step 5 finds it. */
    static OptionalInt baseline(Policy policy) throws RefusedException {
        return baseline(policy.configure(List.of()));
    }

    /** A number is Intel's evaluation; the default is the service's own floor. */
    private static OptionalInt baseline(Decision configured) throws RefusedException {
        if (configured.outcome() == Outcome.ERROR) {
            throw new RefusedException(Code.POLICY_EVALUATION, message(configured));
        }
        Set<String> values = new TreeSet<>();
        for (Claim each : configured.configuration()) {
            if (each.type().equals(BASELINE)) {
                values.add(switch (each.value()) {
                    case ClaimValue.Text text -> text.value();
                    case ClaimValue.Int number -> Long.toString(number.value());
                    case ClaimValue.Bool flag -> Boolean.toString(flag.value());
                });
            }
        }
        if (values.size() > 1) {
            throw new RefusedException(Code.POLICY_EVALUATION, BASELINE + ": the policy sets it to several values. Let it set one.");
        }
        String value = values.isEmpty() ? DEFAULT_BASELINE : values.iterator().next();
        if (value.equals(DEFAULT_BASELINE)) {
            return OptionalInt.empty();
        }
        if (!value.matches("[1-9][0-9]{0,5}")) {
            throw new RefusedException(Code.POLICY_EVALUATION, BASELINE + ": expected 'azuredefault' or the number of one of"
                    + " Intel's TCB evaluations. Change the policy.");
        }
        return OptionalInt.of(Integer.parseInt(value));
    }

    /** The bytes were of this form before the verifier read them; what it read must be the same thing. */
    private static void checkKind(AttestationType type, Claims claims) throws RefusedException {
        boolean fits = switch (type) {
            case SGX_ENCLAVE, OPEN_ENCLAVE -> claims.kind().equals("sgx-quote");
            case TDX_VM -> claims.kind().equals("tdx-quote");
            case SEV_SNP_VM -> claims.kind().equals("snp-report");
            default -> true;
        };
        if (!fits) {
            throw new RefusedException(Code.INVALID_PARAMETER, type + ": the evidence is of the kind " + claims.kind()
                    + "; send it to /attest/" + AttestationType.EVIDENCE + ".");
        }
    }

    private Verdict verify(Form form, Endorsements endorsements, Instant at, OptionalInt baseline) {
        VerifierOptions options = baseline.isPresent() ? floors.options(baseline) : withoutBaseline;
        return verifier.verify(form.evidence().toArray(), endorsements, at, options);
    }

    private static Claims accepted(Verdict verdict) throws RefusedException {
        return switch (verdict) {
            case Verdict.Accepted accepted -> accepted.claims();
            case Verdict.Refused refused -> throw refusal(Code.INVALID_PARAMETER, "The evidence is refused.", refused.reasons());
            case Verdict.Undecided undecided ->
                throw refusal(Code.UNDECIDED, "It could not be found out whether the evidence is right.", undecided.reasons());
        };
    }

    private static RefusedException refusal(Code code, String what, List<Reason> reasons) {
        return new RefusedException(new Problem(
                code,
                what + " " + reasons.getFirst() + (reasons.size() > 1 ? " And " + (reasons.size() - 1) + " more." : ""),
                reasons.stream().map(Reason::toString).toList()));
    }

    private static Map<String, Object> token(
            AttestationRequest request,
            Claims claims,
            SetPolicy policy,
            UsedEndorsements endorsements,
            boolean fresh)
            throws RefusedException {
        boolean sgx = request.type() == AttestationType.SGX_ENCLAVE || request.type() == AttestationType.OPEN_ENCLAVE;
        Map<String, Object> token = new LinkedHashMap<>(TokenClaims.of(request.type(), claims));
        Map<String, Object> own = new LinkedHashMap<>();
        if (token.get(TokenClaims.OWN) instanceof Map<?, ?> made) {
            made.forEach((name, value) -> own.put(String.valueOf(name), value));
        }
        if (sgx) {
            token.put("x-ms-sgx-collateral", endorsements.collateral(quoteOf(request)));
        }
        String hash = PolicyJws.hash(policy.text());
        token.put("x-ms-policy-hash", hash);
        policy.signer().ifPresent(signer ->
                token.put("x-ms-policy-signer", TokenKeys.webKey(TokenKey.idOf(signer), signer)));
        try {
            if (request.runtimeData().isPresent()) {
                runtime(request.runtimeData().get(), sgx, token, own);
            }
            if (request.initTimeData().isPresent()) {
                HeldData data = request.initTimeData().get();
                if (data.json()) {
                    token.put("x-ms-inittime", data.object("initTimeData"));
                } else {
                    own.put("inittime-data", Base64Text.url(data.data().toArray()));
                }
            }
        } catch (MalformedException e) {
            throw new RefusedException(Code.INVALID_PARAMETER, e);
        }
        request.nonce().ifPresent(nonce -> token.put("nonce", nonce));
        if (fresh) {
            own.put("nonce-bound", true);
        }
        if (sgx) {
            twins(token);
        }
        if (request.draft().isPresent()) {
            own.put("draft", true);
        }
        token.put(TokenClaims.OWN, own);
        return token;
    }

    private static Bytes quoteOf(AttestationRequest request) {
        try {
            return request.type() == AttestationType.OPEN_ENCLAVE
                    ? Bytes.of(OpenEnclaveReport.parse(request.evidence().toArray()).quote().toByteArray())
                    : request.evidence();
        } catch (MalformedException e) {
            throw new IllegalStateException("it was parsed before", e);
        }
    }

    private static void runtime(HeldData data, boolean sgx, Map<String, Object> token, Map<String, Object> own)
            throws MalformedException {
        if (data.json()) {
            token.put("x-ms-runtime", data.object("runtimeData"));
        } else if (sgx) {
            token.put("x-ms-sgx-ehd", Base64Text.url(data.data().toArray()));
        } else {
            own.put("runtime-data", Base64Text.url(data.data().toArray()));
        }
    }

    /** Names from before the interface's first stable version, which drivers of databases still read. */
    private static void twins(Map<String, Object> token) {
        Map.ofEntries(
                        Map.entry("is-debuggable", "x-ms-sgx-is-debuggable"),
                        Map.entry("product-id", "x-ms-sgx-product-id"),
                        Map.entry("svn", "x-ms-sgx-svn"),
                        Map.entry("sgx-mrsigner", "x-ms-sgx-mrsigner"),
                        Map.entry("sgx-mrenclave", "x-ms-sgx-mrenclave"),
                        Map.entry("aas-ehd", "x-ms-sgx-ehd"),
                        Map.entry("maa-ehd", "x-ms-sgx-ehd"),
                        Map.entry("maa-attestationcollateral", "x-ms-sgx-collateral"),
                        Map.entry("ver", "x-ms-ver"),
                        Map.entry("tee", "x-ms-attestation-type"),
                        Map.entry("policy_hash", "x-ms-policy-hash"),
                        Map.entry("maa-policyHash", "x-ms-policy-hash"),
                        Map.entry("policy_signer", "x-ms-policy-signer"),
                        Map.entry("rp_data", "nonce"))
                .entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(twin -> Optional.ofNullable(token.get(twin.getValue())).ifPresent(value -> token.put(twin.getKey(), value)));
    }

    private static void decide(Policy policy, OptionalInt applied, Claims claims, Map<String, Object> token) throws RefusedException {
        List<Claim> incoming = PolicyClaims.of(claims, token);
        Decision decision = policy.evaluate(incoming);
        if (decision.permitted() && !baseline(decision).equals(applied)) {
            throw new RefusedException(Code.POLICY_EVALUATION, BASELINE + ": the policy sets it by a claim of the evidence, which is proven"
                    + " only with a baseline. Let a rule without conditions set it.");
        }
        if (!decision.permitted()) {
            throw new RefusedException(new Problem(
                    Code.POLICY_EVALUATION, message(decision), List.of(shortened(policy.explain(incoming)))));
        }
        IssuedClaims.add(decision, token);
    }

    private static String message(Decision decision) {
        return switch (decision.outcome()) {
            case DENY -> "Policy Evaluation Error has occurred: A Deny claim was issued, authorization failed"
                    + decision.decidedBy().map(rule -> ", by " + rule).orElse("") + ".";
            case NO_PERMIT -> "Policy Evaluation Error has occurred: no rule permits, authorization failed.";
            default -> "Policy Evaluation Error has occurred: "
                    + decision.problem().map(Object::toString).orElse("a rule cannot be evaluated");
        };
    }

    private static String shortened(Explanation explanation) {
        String text = explanation.render();
        return text.length() <= MAX_TRACE_CHARACTERS ? text : text.substring(0, MAX_TRACE_CHARACTERS) + "…";
    }
}
