package org.innerkeep.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.innerkeep.channel.session.Appraiser;
import org.innerkeep.channel.session.AttestedContext;
import org.innerkeep.client.Requirements.Floor;
import org.innerkeep.client.Requirements.Use;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Statement;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;
import org.innerkeep.policy.Limits;
import org.innerkeep.policy.Policy;

/**
 * A relying party's decision which enclaves it trusts: whose code, on whose platform. Immutable and safe for use by several
 * threads; every method returns a changed copy.
 *
 * <p>Begins with the code ({@link #signer}, {@link #measurement} or {@link #policy(Policy)}) and trusts no platform until
 * {@link #on} pins one; or with an attestation service that decides, {@link #token}. Some refusals are floors, which hold whatever
 * else is said: debug enclaves, the mock platform, an enclave that shares its user with its host, stale evidence. Each is lifted only
 * by the method that names it.
 *
 * {@snippet :
 * Trust trust = Trust.signer(acme, 7, 2).on(keeperKey);
 * }
 */
public final class Trust implements Appraiser {
    /** Enclaves that serve ordinary clients renew their certificate every hour. */
    private static final Duration ORDINARY_CLIENT_AGE = Duration.ofDays(1);

    private final Requirements requirements;
    private final Set<Anchor> anchors;
    private final Optional<TokenService> service;
    private final Clock clock;

    private Trust(Requirements requirements, Set<Anchor> anchors, Optional<TokenService> service, Clock clock) {
        this.requirements = requirements;
        this.anchors = Set.copyOf(anchors);
        this.service = service;
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
        return of(new AcceptedCode.Signed(signer, productId, leastVersion));
    }

    /**
     * Trusts exactly what has one of these measurements: code, runtime and configuration.
     *
     * @param measurements at least one
     * @return trust without any platform yet
     */
    public static Trust measurement(Measurement... measurements) {
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

    /**
     * Lets an attestation service decide: the background-check model of RATS (RFC 9334 section 5.2). Whatever evidence an enclave
     * shows, that of its certificate and the fresh one of a session, is sent to the service with a new nonce. What comes back must be a
     * token of the pinned issuer, for that nonce, over that kind of evidence and over the very bytes that the evidence has to be bound
     * to; and its claims are held against the same floors and requirements as proven ones. A service that refuses, or cannot be asked,
     * is a refusal: {@link Reason.Code#SERVICE_REFUSED} with its own explanation, or {@link Reason.Code#SERVICE_UNAVAILABLE}.
     *
     * <p><b>The service says whose platforms are trusted; which code, is said here</b>, by {@link #andSigner}, {@link #andMeasurement} or
     * {@link #andPolicy}, or by a policy at the service that is pinned, {@link TokenService#policyHash}. Until one of them is given, every
     * decision is a refusal, {@link Reason.Code#CODE_NOT_AGREED}, and the service is not asked: a policy that permits everything genuine,
     * as that of a new service does, would accept whatever the enclave's host wrote.
     *
     * @param service the service
     * @return trust in what the service permits, as far as code is agreed
     */
    public static Trust token(TokenService service) {
        List<AcceptedCode> code =
                service.policyHash().<AcceptedCode>map(AcceptedCode.PermittedThere::new).stream().toList();
        return new Trust(Requirements.of(code), Set.of(service.issuer()), Optional.of(service), Clock.systemUTC());
    }

    private static Trust of(AcceptedCode code) {
        return new Trust(Requirements.of(List.of(code)), Set.of(), Optional.empty(), Clock.systemUTC());
    }

    private Trust with(Requirements changed) {
        return new Trust(changed, anchors, service, clock);
    }

    /**
     * Requires that a developer signed it as well, as {@link #signer} does.
     *
     * @param signer SHA-256 of the developer's SubjectPublicKeyInfo, 32 bytes
     * @param productId the product id
     * @param leastVersion the oldest security version accepted
     * @return a changed copy
     */
    public Trust andSigner(Bytes signer, long productId, long leastVersion) {
        return with(requirements.and(new AcceptedCode.Signed(signer, productId, leastVersion)));
    }

    /**
     * Requires one of these measurements as well.
     *
     * @param measurements at least one
     * @return a changed copy
     */
    public Trust andMeasurement(Measurement... measurements) {
        return with(requirements.and(new AcceptedCode.Measured(Set.of(measurements))));
    }

    /**
     * Requires that this appraisal policy permits it as well.
     *
     * @param policy the policy
     * @return a changed copy
     */
    public Trust andPolicy(Policy policy) {
        return with(requirements.and(new AcceptedCode.Permitted(policy)));
    }

    /**
     * Pins who may vouch: a maker's root, or this keeper's key, as its administrator told it.
     *
     * @param more anchors beside those pinned already
     * @return a changed copy
     * @throws IllegalStateException if an attestation service decides: an anchor that nobody looks at would be a promise not kept
     */
    public Trust on(Anchor... more) {
        if (service.isPresent()) {
            throw new IllegalStateException("the attestation service decides who may vouch for an enclave; pin anchors there");
        }
        Set<Anchor> all = new LinkedHashSet<>(anchors);
        all.addAll(List.of(more));
        return new Trust(requirements, all, service, clock);
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
        return with(requirements.andRuntimes(List.of(digests)));
    }

    /**
     * Accepts these platforms only. Unless this is called every platform but {@code mock} is accepted, from an anchor that is
     * pinned.
     *
     * @param names such as {@code process}
     * @return a changed copy
     */
    public Trust platforms(String... names) {
        return with(requirements.on(Set.copyOf(List.of(names))));
    }

    /**
     * Requires that the operating system confines the enclave's process by these mechanisms, where a keeper vouches for it (platforms
     * {@code process}, {@code vm} and {@code mock}); enclaves in hardware have no such claims. A keeper that does not say, or says that
     * one is not in place, is refused: {@link Reason.Code#CONFINEMENT_MISSING}.
     *
     * @param mechanisms such as {@link Mechanism#SECRET_HEAP}; they add to those required already
     * @return a changed copy
     */
    public Trust confined(Mechanism... mechanisms) {
        return with(requirements.confinedBy(Set.of(mechanisms)));
    }

    /**
     * Accepts enclaves that can be debugged: whoever runs one can read all that is in it. For development only.
     *
     * @return a changed copy
     */
    public Trust allowDebug() {
        return with(requirements.lift(Floor.DEBUG));
    }

    /**
     * Accepts the mock platform, which protects nothing. For tests only.
     *
     * @return a changed copy
     */
    public Trust allowMock() {
        Set<String> more = new TreeSet<>(requirements.platforms());
        more.add("mock");
        return with(requirements.on(more).lift(Floor.MOCK));
    }

    /**
     * Accepts enclaves that run as the same user as their keeper or host, each of which can then read the enclave. For
     * development only.
     *
     * @return a changed copy
     */
    public Trust allowSameUser() {
        return with(requirements.lift(Floor.SAME_USER));
    }

    /**
     * Changes how old evidence may be.
     *
     * @param session of a session, made over the client's nonce; 5 minutes unless this is called
     * @param certificate in a certificate, made when the enclave started; 366 days unless this is called
     * @return a changed copy
     */
    public Trust maxAge(Duration session, Duration certificate) {
        return with(requirements.ages(session, certificate));
    }

    /**
     * Takes the time from another clock.
     *
     * @param other the clock
     * @return a changed copy
     */
    public Trust at(Clock other) {
        Objects.requireNonNull(other, "other");
        return new Trust(requirements, anchors, service, other);
    }

    /**
     * A TLS context for other libraries, such as {@link java.net.http.HttpClient}: each connection is accepted by the evidence in the
     * server's certificate, appraised by this trust, and by nothing else. <b>Weaker than a {@link Client}</b>: the evidence is as
     * old as the certificate, of which at most a day is accepted, or less if {@link #maxAge} says less; see {@link AttestedContext}.
     * Where an attestation service decides, it is asked in each handshake.
     *
     * @return a new context; a refusal fails the handshake, with a {@link org.innerkeep.channel.session.SessionRefusedException}
     *     among the causes
     */
    public SSLContext sslContext() {
        Duration age = requirements.certificateAge();
        Duration most = age.compareTo(ORDINARY_CLIENT_AGE) < 0 ? age : ORDINARY_CLIENT_AGE;
        return AttestedContext.clientContext(maxAge(requirements.sessionAge(), most));
    }

    @Override
    public Verdict appraise(byte[] evidence, byte[] reportData, Purpose purpose) {
        return appraise(evidence, reportData, new Use(purpose, false));
    }

    /** As a session appraises: where evidence in a certificate does not say how old it is, the fresh evidence that must follow does. */
    Appraiser inSession() {
        return (evidence, reportData, purpose) -> appraise(evidence, reportData, new Use(purpose, true));
    }

    private Verdict appraise(byte[] evidence, byte[] reportData, Use use) {
        Optional<Reason> nothing = requirements.codeNotAgreed();
        if (nothing.isPresent()) {
            return new Verdict.Refused(List.of(nothing.get()));
        }
        Verdict verdict = service.isPresent()
                ? service.get().decide(evidence, clock)
                : Verifier.verify(evidence, anchors, clock.instant());
        return decided(verdict, claims -> requirements.refusals(claims, Bytes.of(reportData), use, clock.instant()));
    }

    /** What is required, over claims that are proven; what could not be found out is refused. */
    private static Verdict decided(Verdict verdict, Function<Claims, List<Reason>> required) {
        return switch (verdict) {
            case Verdict.Refused refused -> refused;
            case Verdict.Undecided undecided -> undecided.asRefused();
            case Verdict.Accepted accepted -> {
                List<Reason> reasons = required.apply(accepted.claims());
                yield reasons.isEmpty() ? accepted : new Verdict.Refused(reasons);
            }
        };
    }

    /**
     * Verifies a statement that an enclave signed, offline: its signature, the evidence inside, and that the evidence covers the
     * statement. How old it is decides who reads it, by what it states. Where an attestation service decides, it is asked: that is not
     * offline, and is a refusal once the service no longer accepts evidence of that time.
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
     * service is trusted. A session takes no token that somebody brings; to let a service decide about sessions, see {@link #token}.
     *
     * @param token hostile bytes, a JWT in its compact form
     * @param use what the token must be for
     * @return the verdict; the kind of accepted claims is {@code token}
     */
    public Verdict verifyToken(byte[] token, TokenUse use) {
        Optional<Reason> nothing = requirements.codeNotAgreed();
        if (nothing.isPresent()) {
            return new Verdict.Refused(List.of(nothing.get()));
        }
        Instant now = clock.instant();
        Verdict verdict = TokenVerification.of(anchors, use.nonce(), use.audience()).verify(token, now);
        return decided(verdict, claims -> {
            List<Reason> reasons = new ArrayList<>();
            use.refusal(claims).ifPresent(reasons::add);
            reasons.addAll(requirements.refusals(claims, Use.TOKEN, now));
            return reasons;
        });
    }
}
