package org.innerkeep.evidence.internal;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.VerifierOptions;
import org.jspecify.annotations.Nullable;

/**
 * One run of a verifier: what it goes by, and what it has found so far. Independent checks all run and add their reasons here; the
 * verdict follows from them at the end, so that no check can be forgotten by a return in between. Not safe for use by several threads.
 */
public final class Verification {
    private static final int MAX_DOCUMENTS = 256;

    private final Endorsements endorsements;
    private final Instant at;
    private final VerifierOptions options;
    private final Crypto crypto;
    private final List<Reason> reasons = new ArrayList<>();
    private final List<Verdict.Check> checks = new ArrayList<>();

    /** What the proof under way has asked; null outside any. */
    private @Nullable Trace trace;

    private boolean nonceAsked;
    private boolean audienceAsked;
    private boolean leastSnpTcbAsked;

    /**
     * Begins a run.
     *
     * @param endorsements untrusted
     * @param at the relying party's time
     * @param options what it pinned and lifted
     * @param crypto for signatures
     */
    public Verification(Endorsements endorsements, Instant at, VerifierOptions options, Crypto crypto) {
        this.endorsements = endorsements;
        this.at = at;
        this.options = options;
        this.crypto = crypto;
    }

    /** {@return the relying party's time} */
    public Instant at() {
        return at;
    }

    /** {@return what the relying party pinned and lifted; within a proof, without what it expects of one piece of evidence} */
    public VerifierOptions options() {
        return trace == null ? options : options.withoutExpectations();
    }

    /** {@return for signatures, keys and certificates} */
    public Crypto crypto() {
        return crypto;
    }

    /**
     * The nonce that is expected. Whoever asks compares it: a kind of evidence that never asks is refused where one is expected.
     *
     * @return the nonce, or nothing where none is expected
     */
    public Optional<Bytes> expectedNonce() {
        checkOutsideProof();
        nonceAsked = true;
        return options.expectedNonce();
    }

    /** The audience that is expected, likewise. */
    public Optional<String> expectedAudience() {
        checkOutsideProof();
        audienceAsked = true;
        return options.expectedAudience();
    }

    /** The least versions of AMD's firmware, likewise: asked for by whoever compares them with what the machine reports. */
    public Map<String, Integer> leastSnpTcb() {
        leastSnpTcbAsked = true;
        return options.leastSnpTcb();
    }

    /** Adds a reason to refuse. */
    public void refuse(Code code, String path, String found, String wanted, String remedy) {
        reasons.add(new Reason(code, path, found, wanted, remedy));
    }

    /** Adds a reason to refuse: bytes that do not parse. */
    public void refuse(Code code, String path, MalformedException e, String remedy) {
        refuse(code, path + ": " + e.field(), "other bytes (" + e.problem() + ")", "a well-formed value", remedy);
    }

    /** Adds that something was not to be had: not a refusal, and never acceptance. */
    public void missing(String path, String what, List<String> problems) {
        reasons.add(new Reason(
                Code.ENDORSEMENT_MISSING,
                path,
                problems.isEmpty() ? "none" : "none (" + String.join("; ", problems) + ")",
                what,
                "Add it to the endorsements, or let them be fetched."));
    }

    /** Says what was checked and is right, as far as no reason says otherwise. */
    public void checked(String name, String detail) {
        checks.add(new Verdict.Check(name, true, detail));
    }

    /** Says what was not checked, and why. */
    public void notChecked(String name, String why) {
        checks.add(new Verdict.Check(name, false, why));
    }

    /** {@return how many reasons there are so far} For checks that depend on others. */
    public int reasons() {
        return reasons.size();
    }

    /** Asks for an endorsement; more candidates than could be of use are cut off. */
    public Endorsements.Answer find(Need need) {
        Endorsements.Answer answer = endorsements.find(need);
        if (answer.documents().size() > MAX_DOCUMENTS) {
            answer = new Endorsements.Answer(answer.documents().subList(0, MAX_DOCUMENTS), answer.problems());
        }
        if (trace != null) {
            trace.answers.add(new Proof.Question(need, answer.documents()));
        }
        return answer;
    }

    /** Tells whether something that begins then has begun, by the relying party's time and the skew that it accepts. */
    public boolean hasBegun(Instant from) {
        Instant least = shifted(from, options.acceptedClockSkew().negated());
        boolean begun = !at.isBefore(least);
        if (trace != null) {
            trace.holds(begun ? least : Instant.MIN, begun ? Instant.MAX : least.minusNanos(1));
        }
        return begun;
    }

    /** Tells whether something that ends then has ended, likewise. */
    public boolean hasEnded(Instant until) {
        Instant last = shifted(until, options.acceptedClockSkew());
        boolean ended = at.isAfter(last);
        if (trace != null) {
            trace.holds(ended ? last.plusNanos(1) : Instant.MIN, ended ? Instant.MAX : last);
        }
        return ended;
    }

    /** Hostile documents may state a time at the edge of what can be computed with. */
    private static Instant shifted(Instant time, Duration by) {
        try {
            return time.plus(by);
        } catch (DateTimeException | ArithmeticException e) {
            return by.isNegative() ? Instant.MIN : Instant.MAX;
        }
    }

    /** What a proof that is under way went by. */
    private static final class Trace {
        private final List<Proof.Question> answers = new ArrayList<>();
        private Instant from = Instant.MIN;
        private Instant until = Instant.MAX;

        private void holds(Instant since, Instant to) {
            from = since.isAfter(from) ? since : from;
            until = to.isBefore(until) ? to : until;
        }
    }

    /**
     * Proves something of makers' documents, or remembers that it was proven: of the same things, by the same options, from the same
     * answers of the endorsements, which are asked again, and at a time at which every validity that was looked at is as it was. A proof
     * that failed is never remembered, and neither is one that says nothing.
     *
     * @param <T> what is proven; immutable
     * @param of what it is proven of, beside options and endorsements: everything that the proof reads, immutable, with value equality
     * @param type of the result
     * @param proof asks the time by {@link #hasBegun}, {@link #hasEnded} and {@link #checkValidity} only, and ends in reasons where
     *     something is wrong
     * @return what it gives, or gave
     */
    public <T> Optional<T> proveOnce(List<?> of, Class<T> type, Supplier<Optional<T>> proof) {
        VerifierOptions lasting = options.withoutExpectations();
        Optional<Proof> known = crypto.proof(type, of, lasting);
        if (known.isPresent() && known.get().holds(at, need -> find(need).documents())) {
            if (trace != null) {
                trace.holds(known.get().from(), known.get().until());
            }
            checks.addAll(known.get().checks());
            return Optional.of(type.cast(known.get().result()));
        }
        Trace outer = trace;
        Trace own = new Trace();
        int reasonsBefore = reasons.size();
        int checksBefore = checks.size();
        Optional<T> result;
        trace = own;
        try {
            result = proof.get();
        } finally {
            trace = outer;
        }
        if (outer != null) {
            outer.answers.addAll(own.answers);
            outer.holds(own.from, own.until);
        }
        if (result.isPresent() && reasons.size() == reasonsBefore) {
            List<Verdict.Check> made = checks.subList(checksBefore, checks.size());
            crypto.remember(type, of, lasting, new Proof(result.get(), made, own.answers, own.from, own.until));
        }
        return result;
    }

    private void checkOutsideProof() {
        if (trace != null) {
            throw new IllegalStateException("what is proven of makers' documents cannot depend on what is expected of one piece of evidence");
        }
    }

    /** Checks a validity that an endorsement states. */
    public void checkValidity(String path, Instant from, Instant until) {
        if (!hasBegun(from)) {
            refuse(Code.ENDORSEMENT_NOT_YET_VALID, path, "valid from " + from, "valid at " + at, "Use the endorsements of that time.");
        }
        if (hasEnded(until)) {
            refuse(Code.ENDORSEMENT_EXPIRED, path, "valid until " + until, "valid at " + at, "Fetch newer endorsements.");
        }
    }

    /** Checks the floors and expectations that all kinds share, over claims that are not proven yet. */
    private void checkCommon(Claims claims) {
        if (claims.debug() && !options.debugAllowed()) {
            refuse(
                    Code.DEBUG_ENCLAVE,
                    "debug",
                    "it can be debugged",
                    "it cannot",
                    "Whoever runs it can read its memory: run it without debugging, or accept debugging by name.");
        }
        options.expectedReportData().ifPresent(expected -> {
            if (!expected.equals(claims.reportData())) {
                refuse(
                        Code.REPORT_DATA_MISMATCH,
                        "report-data",
                        claims.reportData().shortHex(),
                        expected.shortHex(),
                        "The evidence was made for something else and may be replayed or relayed: ask for fresh evidence.");
            }
        });
        if (options.expectedNonce().isPresent() && !nonceAsked) {
            refuse(Code.NONCE_MISMATCH, "nonce", "evidence of a kind that has no nonce of its own", "the nonce that is expected",
                    "Ask for another kind of evidence, or bind the nonce to the report data and expect that.");
        }
        if (options.expectedAudience().isPresent() && !audienceAsked) {
            refuse(Code.TOKEN_NOT_ACCEPTED, "audience", "evidence that is for nobody in particular", "a token for this audience",
                    "Ask for a token.");
        }
        if (!options.refusedProducts().isEmpty() && claims.platform().equals("snp") && !claims.details().containsKey("product")) {
            refuse(Code.PRODUCT_LINE_REFUSED, "product", "evidence that does not say its line of products",
                    "none of " + String.join(", ", options.refusedProducts()), "Ask for the machine's own evidence.");
        }
        if (!options.leastSnpTcb().isEmpty() && claims.platform().equals("snp") && !leastSnpTcbAsked) {
            refuse(Code.TCB_STATUS_NOT_ACCEPTED, "reported-tcb", "evidence that does not prove its firmware's versions",
                    "at least " + options.leastSnpTcb(), "Ask for the machine's own evidence.");
        }
        if (options.expectedReportData().isEmpty()) {
            notChecked("report data", "no value is expected: without one, evidence may be replayed or relayed");
        }
    }

    /**
     * Ends the run.
     *
     * @param claims what is proven if nothing speaks against it
     * @return acceptance, a refusal with every reason, or what was missing where nothing else was wrong
     */
    public Verdict conclude(Claims claims) {
        checkCommon(claims);
        return reasons.isEmpty() ? new Verdict.Accepted(claims, checks.stream().distinct().toList()) : refusal();
    }

    /**
     * Ends the run where no claims can be made.
     *
     * @return a refusal with every reason, or what was missing where nothing else was wrong
     */
    public Verdict refusal() {
        // Two documents by one signer have that signer's faults in common.
        List<Reason> distinct = reasons.stream().distinct().toList();
        return distinct.stream().allMatch(each -> each.code() == Code.ENDORSEMENT_MISSING)
                ? new Verdict.Undecided(distinct)
                : new Verdict.Refused(distinct);
    }
}
