package org.innerkeep.client;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.innerkeep.channel.session.Appraiser.Purpose;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;

/**
 * What a relying party requires of claims, whoever proved them: the same for evidence and for tokens. The floors come first and hold
 * unless they are lifted by name.
 *
 * @param code every one of these must accept it
 * @param runtimes the digests of Java runtimes that are accepted; of none if any is
 * @param platforms that are accepted
 * @param confinement mechanisms that must be in place where a keeper vouches
 * @param lifted floors that do not hold
 * @param sessionAge how old evidence for a session, or a token, may be
 * @param certificateAge how old evidence in a certificate may be
 */
record Requirements(
        List<AcceptedCode> code,
        Set<Bytes> runtimes,
        Set<String> platforms,
        Set<Mechanism> confinement,
        Set<Floor> lifted,
        Duration sessionAge,
        Duration certificateAge) {
    /** What is refused unless it is lifted by name. */
    enum Floor {
        DEBUG,
        MOCK,
        SAME_USER
    }

    private static final Set<String> KEEPER_PLATFORMS = Set.of("process", "vm", "mock");

    Requirements {
        code = List.copyOf(code);
        runtimes = Set.copyOf(runtimes);
        platforms = Set.copyOf(platforms);
        confinement = Set.copyOf(confinement);
        lifted = Set.copyOf(lifted);
    }

    /** No floor is lifted; every platform is accepted that protects. */
    static Requirements of(List<AcceptedCode> code) {
        return new Requirements(
                code,
                Set.of(),
                Set.of("process", "vm", "sgx", "snp", "tdx", "cca"),
                Set.of(),
                Set.of(),
                Duration.ofMinutes(5),
                Duration.ofDays(366));
    }

    Requirements and(AcceptedCode more) {
        List<AcceptedCode> all = new ArrayList<>(code);
        all.add(more);
        return new Requirements(all, runtimes, platforms, confinement, lifted, sessionAge, certificateAge);
    }

    Requirements andRuntimes(List<Bytes> more) {
        Set<Bytes> all = new LinkedHashSet<>(runtimes);
        all.addAll(more);
        return new Requirements(code, all, platforms, confinement, lifted, sessionAge, certificateAge);
    }

    Requirements on(Set<String> names) {
        return new Requirements(code, runtimes, names, confinement, lifted, sessionAge, certificateAge);
    }

    Requirements confinedBy(Set<Mechanism> more) {
        Set<Mechanism> all = new HashSet<>(confinement);
        all.addAll(more);
        return new Requirements(code, runtimes, platforms, all, lifted, sessionAge, certificateAge);
    }

    Requirements lift(Floor floor) {
        Set<Floor> more = EnumSet.of(floor);
        more.addAll(lifted);
        return new Requirements(code, runtimes, platforms, confinement, more, sessionAge, certificateAge);
    }

    Requirements ages(Duration session, Duration certificate) {
        return new Requirements(code, runtimes, platforms, confinement, lifted, session, certificate);
    }

    /** Why nothing is trusted whatever is proven: genuine hardware also runs what its owner wrote this morning. */
    Optional<Reason> codeNotAgreed() {
        return code.isEmpty()
                ? Optional.of(new Reason(
                        Code.CODE_NOT_AGREED,
                        "trust",
                        "an attestation service, and nothing about the code",
                        "andSigner, andMeasurement, andPolicy, or the hash of the service's policy",
                        "A service may permit all that is genuine, whoever wrote it: say which code is trusted, or pin the policy that"
                                + " says so."))
                : Optional.empty();
    }

    /** What the claims are shown for, and whether fresh evidence must follow before anything is trusted. */
    record Use(Purpose purpose, boolean freshFollows) {
        static final Use TOKEN = new Use(Purpose.SESSION, false);
    }

    /** Why these claims are not accepted for these bytes. */
    List<Reason> refusals(Claims claims, Bytes reportData, Use use, Instant now) {
        List<Reason> reasons = new ArrayList<>();
        if (!claims.reportData().equals(reportData)) {
            reasons.add(new Reason(
                    Code.REPORT_DATA_MISMATCH,
                    "report-data",
                    claims.reportData().shortHex(),
                    reportData.shortHex() + ", which binds this key, nonce and session",
                    "The evidence was made for something else and may be replayed or relayed: do not use this connection."));
        }
        reasons.addAll(refusals(claims, use, now));
        return reasons;
    }

    /** Why these claims are not accepted, whatever they are bound to. */
    List<Reason> refusals(Claims claims, Use use, Instant now) {
        List<Reason> reasons = new ArrayList<>();
        checkFloors(claims, reasons);
        checkAge(claims, use, now, reasons);
        if (!platforms.contains(claims.platform())) {
            reasons.add(new Reason(
                    Code.PLATFORM_NOT_ACCEPTED,
                    "platform",
                    claims.platform(),
                    "one of " + new TreeSet<>(platforms),
                    "Run the enclave on an accepted platform, or accept this one by name."));
        }
        code.forEach(wanted -> wanted.check(claims, reasons));
        checkConfinement(claims, reasons);
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

    /** As with the floors: a keeper that says nothing is refused, and hardware that has no such question is not asked. */
    private void checkConfinement(Claims claims, List<Reason> reasons) {
        boolean byKeeper = KEEPER_PLATFORMS.contains(claims.platform());
        confinement.stream().sorted().forEach(each -> {
            ClaimValue found = claims.details().get(each.toString());
            if ((byKeeper || found != null) && !ClaimValue.of(true).equals(found)) {
                reasons.add(new Reason(
                        Code.CONFINEMENT_MISSING,
                        each.toString(),
                        found == null ? "not stated" : found.toString(),
                        "true",
                        "The operating system does not confine the enclave in this way: 'innerkeep platforms' on its machine says"
                                + " why, and what would."));
            }
        });
    }

    private void checkAge(Claims claims, Use use, Instant now, List<Reason> reasons) {
        // A token is as old as it is, and what its service saw is older.
        boolean token = claims.kind().equals("token");
        Optional<Instant> made = token ? claims.text(Claims.ATTESTED_AT).map(Instant::parse) : claims.issuedAt();
        switch (use.purpose()) {
            case SESSION -> {
                // Evidence that says no time is fresh all the same where it is bound to this session's nonce.
                made.ifPresent(at -> checkAge(token ? Claims.ATTESTED_AT : "issued-at", at, sessionAge, now, reasons));
                if (token) {
                    claims.issuedAt().ifPresent(at -> checkAge("token.iat", at, sessionAge, now, reasons));
                }
            }
            case CERTIFICATE -> {
                made.ifPresent(at -> checkAge("issued-at", at, certificateAge, now, reasons));
                // Alone in a certificate it may be of any age, however young a token over it is.
                if (made.isEmpty() && !use.freshFollows()) {
                    reasons.add(new Reason(
                            Code.EVIDENCE_STALE,
                            "issued-at",
                            "no time",
                            "at most " + certificateAge + " before " + now,
                            "Evidence of this kind does not say when it was made: use it in a session."));
                }
            }
            // A statement is as old as it is; whoever reads it judges that by what it states.
            case STATEMENT -> {}
        }
    }

    private static void checkAge(String path, Instant made, Duration most, Instant now, List<Reason> reasons) {
        if (Duration.between(made, now).compareTo(most) > 0) {
            reasons.add(new Reason(
                    Code.EVIDENCE_STALE,
                    path,
                    made.toString(),
                    "at most " + most + " before " + now,
                    "Check both machines' clocks; connect again for fresh evidence, or restart the enclave."));
        }
    }

    private void checkRuntime(Claims claims, List<Reason> reasons) {
        // In a token that does not say what was proven, a claim of that name is what a policy issued, and nobody measured it.
        boolean measured = !claims.kind().equals("token") || claims.details().containsKey(Claims.ATTESTED_KIND);
        Optional<String> found = measured ? claims.text("runtime-digest") : Optional.empty();
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
