package org.innerkeep.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;
import org.innerkeep.channel.session.Appraiser;
import org.innerkeep.channel.session.AttestedContext;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Statement;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.policy.Limits;
import org.innerkeep.policy.Policy;

/**
 * A relying party's decision which enclaves it trusts: whose code, on whose platform. Immutable and safe for use by several
 * threads; every method returns a changed copy.
 *
 * <p>Begins with the code ({@link #signer}, {@link #measurement} or {@link #policy(Policy)}) and trusts no platform until
 * {@link #on} pins one. Some refusals are floors, which hold whatever else is said: debug enclaves, the mock platform, an
 * enclave that shares its user with its host, stale evidence. Each is lifted only by the method that names it.
 *
 * {@snippet :
 * Trust trust = Trust.signer(acme, 7, 2).on(keeperKey);
 * }
 */
public final class Trust implements Appraiser {
    private static final Duration DEFAULT_SESSION_AGE = Duration.ofMinutes(5);

    /** Enclaves that serve ordinary clients renew their certificate every hour. */
    private static final Duration ORDINARY_CLIENT_AGE = Duration.ofDays(1);

    private enum Floor {
        DEBUG,
        MOCK,
        SAME_USER
    }

    /** Which code is trusted. */
    private sealed interface AcceptedCode {
        record Signed(Bytes signer, long productId, long leastVersion) implements AcceptedCode {}

        record Measured(Set<Measurement> measurements) implements AcceptedCode {}

        record Permitted(Policy policy) implements AcceptedCode {}
    }

    private final List<AcceptedCode> code;
    private final Set<Bytes> runtimes;
    private final Set<Anchor> anchors;
    private final Set<String> platforms;
    private final Set<Floor> lifted;
    private final Duration sessionAge;
    private final Duration certificateAge;
    private final Clock clock;

    private Trust(
            List<AcceptedCode> code,
            Set<Bytes> runtimes,
            Set<Anchor> anchors,
            Set<String> platforms,
            Set<Floor> lifted,
            Duration sessionAge,
            Duration certificateAge,
            Clock clock) {
        this.code = List.copyOf(code);
        this.runtimes = Set.copyOf(runtimes);
        this.anchors = Set.copyOf(anchors);
        this.platforms = Set.copyOf(platforms);
        this.lifted = Set.copyOf(lifted);
        this.sessionAge = sessionAge;
        this.certificateAge = certificateAge;
        this.clock = clock;
    }

    /**
     * Trusts what a developer signed: one product, from a security version on. Which Java runtime runs it is the keeper's
     * choice unless {@link #runtime} pins it.
     *
     * @param signer SHA-256 of the developer's SubjectPublicKeyInfo, 32 bytes
     * @param productId the product id
     * @param leastVersion the oldest security version accepted
     * @return trust without any platform yet
     */
    public static Trust signer(Bytes signer, long productId, long leastVersion) {
        if (signer.length() != 32 || productId < 0 || leastVersion < 0) {
            throw new IllegalArgumentException("a signer has 32 bytes; product id and version are not negative");
        }
        return of(new AcceptedCode.Signed(signer, productId, leastVersion));
    }

    /**
     * Trusts exactly what has one of these measurements: code, runtime and configuration.
     *
     * @param measurements at least one
     * @return trust without any platform yet
     */
    public static Trust measurement(Measurement... measurements) {
        if (measurements.length == 0) {
            throw new IllegalArgumentException("give at least one measurement");
        }
        return of(new AcceptedCode.Measured(Set.of(measurements)));
    }

    /**
     * Trusts what an appraisal policy permits, in the language of {@code docs/policies.md}, without any service. The policy sees the
     * claims of {@link Claims#named}. It decides beside everything else that is said here and above none of it: no {@code permit()}
     * lifts a floor, pins an anchor or accepts a platform.
     *
     * @param policy the policy
     * @return trust without any platform yet
     */
    public static Trust policy(Policy policy) {
        return of(new AcceptedCode.Permitted(policy));
    }

    /**
     * Trusts what the appraisal policy in a file permits, as {@link #policy(Policy)} does. The file is read once, now.
     *
     * @param file text in UTF-8, at most {@link Limits#MAX_POLICY_BYTES} bytes
     * @return trust without any platform yet
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException naming every problem with its line and column, if it is no policy
     */
    public static Trust policy(Path file) throws IOException {
        byte[] text;
        try (InputStream in = Files.newInputStream(file)) {
            text = in.readNBytes(Limits.MAX_POLICY_BYTES + 1);
        }
        return policy(Policy.parse(text).orThrow());
    }

    private static Trust of(AcceptedCode code) {
        return new Trust(
                List.of(code),
                Set.of(),
                Set.of(),
                Set.of("process", "vm", "sgx", "snp", "tdx", "cca"),
                EnumSet.noneOf(Floor.class),
                DEFAULT_SESSION_AGE,
                Duration.ofDays(366),
                Clock.systemUTC());
    }

    private Trust with(Set<Bytes> runtimes, Set<Anchor> anchors, Set<String> platforms, Set<Floor> lifted) {
        return new Trust(code, runtimes, anchors, platforms, lifted, sessionAge, certificateAge, clock);
    }

    /**
     * Requires one of these measurements as well.
     *
     * @param measurements at least one
     * @return a changed copy
     */
    public Trust andMeasurement(Measurement... measurements) {
        if (measurements.length == 0) {
            throw new IllegalArgumentException("give at least one measurement");
        }
        List<AcceptedCode> both = new ArrayList<>(code);
        both.add(new AcceptedCode.Measured(Set.of(measurements)));
        return new Trust(both, runtimes, anchors, platforms, lifted, sessionAge, certificateAge, clock);
    }

    /**
     * Requires that this appraisal policy permits it as well.
     *
     * @param policy the policy
     * @return a changed copy
     */
    public Trust andPolicy(Policy policy) {
        List<AcceptedCode> both = new ArrayList<>(code);
        both.add(new AcceptedCode.Permitted(policy));
        return new Trust(both, runtimes, anchors, platforms, lifted, sessionAge, certificateAge, clock);
    }

    /**
     * Pins who may vouch: a maker's root, or this keeper's key, as its administrator told it.
     *
     * @param more anchors beside those pinned already
     * @return a changed copy
     */
    public Trust on(Anchor... more) {
        Set<Anchor> all = new LinkedHashSet<>(anchors);
        all.addAll(List.of(more));
        return with(runtimes, all, platforms, lifted);
    }

    /**
     * Accepts these Java runtimes only.
     *
     * @param digests SHA-256 digests as {@code innerkeep measure} prints them, 32 bytes each, at least one; they add to those
     *     pinned already
     * @return a changed copy
     */
    public Trust runtime(Bytes... digests) {
        if (digests.length == 0 || List.of(digests).stream().anyMatch(digest -> digest.length() != 32)) {
            throw new IllegalArgumentException("give at least one runtime digest of 32 bytes");
        }
        Set<Bytes> all = new LinkedHashSet<>(runtimes);
        all.addAll(List.of(digests));
        return with(all, anchors, platforms, lifted);
    }

    /**
     * Accepts these platforms only. Unless this is called every platform but {@code mock} is accepted, from an anchor that is
     * pinned.
     *
     * @param names such as {@code process}
     * @return a changed copy
     */
    public Trust platforms(String... names) {
        return with(runtimes, anchors, new TreeSet<>(List.of(names)), lifted);
    }

    /**
     * Accepts enclaves that can be debugged: whoever runs one can read all that is in it. For development only.
     *
     * @return a changed copy
     */
    public Trust allowDebug() {
        return lift(Floor.DEBUG);
    }

    /**
     * Accepts the mock platform, which protects nothing. For tests only.
     *
     * @return a changed copy
     */
    public Trust allowMock() {
        Set<String> more = new TreeSet<>(platforms);
        more.add("mock");
        return with(runtimes, anchors, more, lifted).lift(Floor.MOCK);
    }

    /**
     * Accepts enclaves that run as the same user as their keeper or host, each of which can then read the enclave. For
     * development only.
     *
     * @return a changed copy
     */
    public Trust allowSameUser() {
        return lift(Floor.SAME_USER);
    }

    private Trust lift(Floor floor) {
        Set<Floor> more = EnumSet.noneOf(Floor.class);
        more.addAll(lifted);
        more.add(floor);
        return with(runtimes, anchors, platforms, more);
    }

    /**
     * Changes how old evidence may be.
     *
     * @param session of a session, made over the client's nonce; 5 minutes unless this is called
     * @param certificate in a certificate, made when the enclave started; 366 days unless this is called
     * @return a changed copy
     */
    public Trust maxAge(Duration session, Duration certificate) {
        return new Trust(code, runtimes, anchors, platforms, lifted, session, certificate, clock);
    }

    /**
     * Takes the time from another clock.
     *
     * @param other the clock
     * @return a changed copy
     */
    public Trust at(Clock other) {
        Objects.requireNonNull(other, "other");
        return new Trust(code, runtimes, anchors, platforms, lifted, sessionAge, certificateAge, other);
    }

    /**
     * A TLS context for other libraries, such as {@link java.net.http.HttpClient}: each connection is accepted by the evidence in the
     * server's certificate, appraised by this trust, and by nothing else. <b>Weaker than a {@link Client}</b>: the evidence is as
     * old as the certificate, of which at most a day is accepted, or less if {@link #maxAge} says less; see {@link AttestedContext}.
     *
     * @return a new context; a refusal fails the handshake, with a {@link org.innerkeep.channel.session.SessionRefusedException}
     *     among the causes
     */
    public SSLContext sslContext() {
        Duration age = certificateAge.compareTo(ORDINARY_CLIENT_AGE) < 0 ? certificateAge : ORDINARY_CLIENT_AGE;
        return AttestedContext.clientContext(maxAge(sessionAge, age));
    }

    @Override
    public Verdict appraise(byte[] evidence, byte[] reportData, Purpose purpose) {
        Instant now = clock.instant();
        return switch (Verifier.verify(evidence, anchors, now)) {
            case Verdict.Refused refused -> refused;
            case Verdict.Undecided undecided -> undecided.asRefused();
            case Verdict.Accepted accepted -> {
                List<Reason> reasons = refusals(accepted.claims(), Bytes.of(reportData), purpose, now);
                yield reasons.isEmpty() ? accepted : new Verdict.Refused(reasons);
            }
        };
    }

    /**
     * Verifies a statement that an enclave signed, offline: its signature, the evidence inside, and that the evidence covers
     * the statement. How old it is decides who reads it, by what it states.
     *
     * @param encoded hostile bytes
     * @return what an enclave that is trusted stated, or every reason why not
     */
    public StatementVerdict verifyStatement(byte[] encoded) {
        Statement statement;
        try {
            statement = Statement.parse(encoded);
        } catch (MalformedException e) {
            return new StatementVerdict.Refused(List.of(new Reason(
                    Code.MALFORMED,
                    "statement",
                    String.valueOf(e.getMessage()),
                    "a statement",
                    "These bytes are not what an enclave signed: get them again.")));
        }
        if (!statement.signatureValid()) {
            return new StatementVerdict.Refused(List.of(new Reason(
                    Code.SIGNATURE_INVALID,
                    "statement.signature",
                    "a wrong signature",
                    "the signature of the key that the statement names",
                    "The statement was changed after it was signed: get it again.")));
        }
        byte[] evidence = statement.evidence().toArray();
        return switch (appraise(evidence, statement.expectedReportData(), Purpose.STATEMENT)) {
            case Verdict.Refused refused -> new StatementVerdict.Refused(refused.reasons());
            case Verdict.Undecided undecided -> new StatementVerdict.Refused(undecided.reasons());
            case Verdict.Accepted accepted ->
                new StatementVerdict.Accepted(statement.purpose(), statement.content(), accepted.claims());
        };
    }

    /**
     * Verifies a token of an attestation service, by itself: of the issuers that {@link #on} pins, signed by a key that is pinned or that
     * a pinned root vouches for, by an algorithm of public keys, valid now and issued within the age that {@link #maxAge} allows a
     * session, made for this use; and what it says was attested is held against the same floors and requirements as evidence is.
     * Nothing that a token says leads to a key: {@code jku}, {@code jwk} and {@code x5u} are never followed.
     *
     * <p>A token is the word of its service, by the policy that is set there. Its claims are those of the evidence only as far as that
     * service is trusted. Sessions do not take tokens: they want evidence that was made for them.
     *
     * @param token hostile bytes, a JWT in its compact form
     * @param use what the token must be for
     * @return the verdict; the kind of accepted claims is {@code token}
     */
    public Verdict verifyToken(byte[] token, TokenUse use) {
        Instant now = clock.instant();
        VerifierOptions options = VerifierOptions.of(
                        anchors.stream().filter(TokenIssuer.class::isInstance).toList())
                // Debug is claimed, and refused below unless it is lifted.
                .allowDebug();
        if (use.nonce().isPresent()) {
            options = options.nonce(use.nonce().get());
        }
        if (use.audience().isPresent()) {
            options = options.audience(use.audience().get());
        }
        return switch (new Verifier().verify(token, Endorsements.none(), now, options)) {
            case Verdict.Refused refused -> refused;
            case Verdict.Undecided undecided -> undecided.asRefused();
            case Verdict.Accepted accepted -> {
                List<Reason> reasons = new ArrayList<>();
                use.refusal(accepted.claims()).ifPresent(reasons::add);
                if (accepted.claims().issuedAt().isEmpty()) {
                    reasons.add(new Reason(
                            Code.EVIDENCE_STALE,
                            "token.iat",
                            "no time",
                            "at most " + sessionAge + " before " + now,
                            "A token that does not say when it was issued may be of any age: ask for one that does."));
                }
                reasons.addAll(refusals(accepted.claims(), Purpose.SESSION, now));
                yield reasons.isEmpty() ? accepted : new Verdict.Refused(reasons);
            }
        };
    }

    private List<Reason> refusals(Claims claims, Bytes reportData, Purpose purpose, Instant now) {
        List<Reason> reasons = new ArrayList<>();
        if (!claims.reportData().equals(reportData)) {
            reasons.add(new Reason(
                    Code.REPORT_DATA_MISMATCH,
                    "report-data",
                    claims.reportData().shortHex(),
                    reportData.shortHex() + ", which binds this key, nonce and session",
                    "The evidence was made for something else and may be replayed or relayed: do not use this connection."));
        }
        reasons.addAll(refusals(claims, purpose, now));
        return reasons;
    }

    /** Why these claims are not accepted, whatever they are bound to. */
    private List<Reason> refusals(Claims claims, Purpose purpose, Instant now) {
        List<Reason> reasons = new ArrayList<>();
        checkFloors(claims, reasons);
        checkAge(claims, purpose, now, reasons);
        if (!platforms.contains(claims.platform())) {
            reasons.add(new Reason(
                    Code.PLATFORM_NOT_ACCEPTED,
                    "platform",
                    claims.platform(),
                    "one of " + new TreeSet<>(platforms),
                    "Run the enclave on an accepted platform, or accept this one by name."));
        }
        code.forEach(wanted -> checkCode(wanted, claims, reasons));
        checkRuntime(claims, reasons);
        return reasons;
    }

    private void checkFloors(Claims claims, List<Reason> reasons) {
        if (claims.debug() && !lifted.contains(Floor.DEBUG)) {
            reasons.add(new Reason(
                    Code.DEBUG_ENCLAVE,
                    "debug",
                    "true",
                    "false",
                    "Whoever runs a debug enclave can read it: pack it without debug."));
        }
        if (claims.platform().equals("mock") && !lifted.contains(Floor.MOCK)) {
            reasons.add(new Reason(
                    Code.MOCK_PLATFORM,
                    "platform",
                    "mock",
                    "a platform that protects",
                    "Mock evidence is for tests: start the enclave on a real platform."));
        }
        // Absent means unknown, and unknown is refused: every platform that has the question answers it.
        boolean shared = !claims.text("isolation").equals(Optional.of("separate-user"))
                && (claims.platform().equals("process") || claims.details().containsKey("isolation"));
        if (shared && !lifted.contains(Floor.SAME_USER)) {
            reasons.add(new Reason(
                    Code.ISOLATION_SAME_USER,
                    "isolation",
                    claims.text("isolation").orElse("not stated"),
                    "separate-user",
                    "Keeper, host and enclave share a user, so each can read the enclave: run the keeper as a service"
                            + " ('innerkeep keeper install') and the host as another user."));
        }
    }

    private void checkAge(Claims claims, Purpose purpose, Instant now, List<Reason> reasons) {
        Duration most =
                switch (purpose) {
                    case SESSION -> sessionAge;
                    case CERTIFICATE -> certificateAge;
                    // A statement is as old as it is; whoever reads it judges that by what it states.
                    case STATEMENT -> Duration.ofSeconds(Long.MAX_VALUE);
                };
        if (claims.issuedAt().isEmpty()) {
            // Fresh all the same where it is bound to this session's nonce; alone in a certificate it may be of any age.
            if (purpose == Purpose.CERTIFICATE) {
                reasons.add(new Reason(
                        Code.EVIDENCE_STALE,
                        "issued-at",
                        "no time",
                        "at most " + most + " before " + now,
                        "Evidence of this kind does not say when it was made: use it in a session."));
            }
            return;
        }
        Duration age = Duration.between(claims.issuedAt().get(), now);
        if (age.compareTo(most) > 0) {
            reasons.add(new Reason(
                    Code.EVIDENCE_STALE,
                    "issued-at",
                    claims.issuedAt().get().toString(),
                    "at most " + most + " before " + now,
                    "Check both machines' clocks; connect again for fresh evidence, or restart the enclave."));
        }
    }

    private static void checkCode(AcceptedCode wanted, Claims claims, List<Reason> reasons) {
        switch (wanted) {
            case AcceptedCode.Measured measured -> {
                if (claims.measurement().filter(measured.measurements()::contains).isEmpty()) {
                    reasons.add(new Reason(
                            Code.MEASUREMENT_MISMATCH,
                            "measurement",
                            claims.measurement().map(Measurement::toString).orElse("none"),
                            measured.measurements().size() == 1
                                    ? measured.measurements().iterator().next().toString()
                                    : "one of " + measured.measurements().size() + " agreed",
                            "Other code, runtime or configuration runs than was agreed: compare with 'innerkeep diff' and"
                                    + " agree anew, or run what was agreed."));
                }
            }
            case AcceptedCode.Signed signed -> checkSigned(signed, claims, reasons);
            case AcceptedCode.Permitted permitted ->
                PolicyAppraisal.refusal(permitted.policy(), claims).ifPresent(reasons::add);
        }
    }

    private static void checkSigned(AcceptedCode.Signed signed, Claims claims, List<Reason> reasons) {
        if (!claims.signer().equals(Optional.of(signed.signer()))) {
            reasons.add(new Reason(
                    Code.SIGNER_MISMATCH,
                    "signer",
                    claims.signer().map(Bytes::hex).orElse("none"),
                    signed.signer().hex(),
                    "Someone else signed this bundle: get it from the developer whom you trust."));
        }
        if (!claims.productId().equals(OptionalLong.of(signed.productId()))) {
            reasons.add(new Reason(
                    Code.PRODUCT_MISMATCH,
                    "product-id",
                    shown(claims.productId()),
                    Long.toString(signed.productId()),
                    "This is another product of that developer."));
        }
        if (claims.securityVersion().isEmpty() || claims.securityVersion().getAsLong() < signed.leastVersion()) {
            reasons.add(new Reason(
                    Code.SVN_TOO_LOW,
                    "security-version",
                    shown(claims.securityVersion()),
                    signed.leastVersion() + " or later",
                    "An older version with known weaknesses runs: the operator must start a newer bundle."));
        }
    }

    private static String shown(OptionalLong number) {
        return number.isPresent() ? Long.toString(number.getAsLong()) : "none";
    }

    private void checkRuntime(Claims claims, List<Reason> reasons) {
        // In a token a claim of that name is what the policy of its issuer says, and nobody measured it.
        Optional<String> found = claims.kind().equals("token") ? Optional.empty() : claims.text("runtime-digest");
        if (!runtimes.isEmpty() && runtimes.stream().noneMatch(digest -> found.equals(Optional.of(digest.hex())))) {
            reasons.add(new Reason(
                    Code.RUNTIME_MISMATCH,
                    "runtime-digest",
                    found.orElse("none"),
                    runtimes.size() == 1 ? runtimes.iterator().next().hex() : "one of " + runtimes.size() + " agreed",
                    "Another Java runtime, or a changed one, runs the enclave: the operator must use the agreed JDK build."));
        }
    }
}
