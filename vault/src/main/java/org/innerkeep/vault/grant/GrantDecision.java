package org.innerkeep.vault.grant;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Measurement;

/**
 * What the grants of a key say of an enclave: of each, every reason why it does not permit.
 *
 * @param considered every grant, in the order in which they were given
 */
public record GrantDecision(List<Considered> considered) {
    /** What time and owners change. */
    private static final Set<Mismatch.Code> PASSING =
            Set.of(Mismatch.Code.REVOKED, Mismatch.Code.NOT_YET, Mismatch.Code.EXPIRED, Mismatch.Code.USED_UP);

    private static final List<Mismatch> JUST_GIVEN = List.of(new Mismatch(
            Mismatch.Code.JUST_GIVEN, "grant", "one that was given while this was decided", "one that was there before", "Ask again."));

    /**
     * One grant.
     *
     * @param granted the grant
     * @param mismatches why it does not permit; none where it does
     */
    public record Considered(Granted granted, List<Mismatch> mismatches) {
        /** Copies the list. */
        public Considered {
            mismatches = List.copyOf(mismatches);
        }

        private List<Mismatch> lasting() {
            return mismatches.stream().filter(each -> !PASSING.contains(each.code())).toList();
        }
    }

    /** Copies the list. */
    public GrantDecision {
        considered = List.copyOf(considered);
    }

    /**
     * Decides. A function of what it is given, so it can be done again.
     *
     * @param grants of the key, in the order in which they were given
     * @param claims proven and fresh
     * @param job the digest of the job that the enclave says it works for; its code is what makes that true
     * @param at the vault's time
     * @param uses how often each grant was used, by id
     * @return the decision
     */
    public static GrantDecision of(
            List<Granted> grants, Claims claims, Optional<Bytes> job, Instant at, Map<String, Long> uses) {
        List<Considered> all = new ArrayList<>();
        for (Granted each : grants) {
            List<Mismatch> lasting = fields(each.grant(), claims, job);
            each.grant().policy().ifPresent(policy -> GrantPolicy.check(policy, claims, lasting));
            all.add(considered(each, at, uses, lasting));
        }
        return new GrantDecision(all);
    }

    /** All but the policy: quickly. */
    private static List<Mismatch> fields(Grant grant, Claims claims, Optional<Bytes> job) {
        List<Mismatch> lasting = new ArrayList<>();
        code(grant.code(), claims, lasting);
        place(grant, claims, lasting);
        job(grant, job, lasting);
        return lasting;
    }

    /**
     * Decides once more over the same enclave, quickly: what a grant says never changes, so only whether it holds is looked at again. One
     * that was given since, as it is where another was replaced by it, is looked at whole, except that no policy is evaluated anew.
     *
     * @param grants of the key, as they are now
     * @param claims as before
     * @param job as before
     * @param at the vault's time
     * @param uses how often each grant was used, by id
     * @return the decision; a grant that was not there before does not permit where its policy was that of none
     */
    public GrantDecision again(
            List<Granted> grants, Claims claims, Optional<Bytes> job, Instant at, Map<String, Long> uses) {
        Map<Grant, List<Mismatch>> before = new HashMap<>();
        considered.forEach(each -> before.put(each.granted().grant(), each.lasting()));
        List<Considered> all = new ArrayList<>();
        for (Granted each : grants) {
            List<Mismatch> known = before.get(each.grant());
            all.add(considered(each, at, uses, known == null ? given(each.grant(), claims, job) : known));
        }
        return new GrantDecision(all);
    }

    /** Of a grant that was not there before: what its policy says is known if it was the policy of one that was. */
    private List<Mismatch> given(Grant grant, Claims claims, Optional<Bytes> job) {
        List<Mismatch> lasting = fields(grant, claims, job);
        if (grant.policy().isEmpty()) {
            return lasting;
        }
        Optional<Considered> same =
                considered.stream().filter(each -> each.granted().grant().policy().equals(grant.policy())).findFirst();
        if (same.isEmpty()) {
            return JUST_GIVEN;
        }
        same.get().mismatches().stream().filter(each -> each.code() == Mismatch.Code.POLICY).forEach(lasting::add);
        return lasting;
    }

    private static Considered considered(Granted granted, Instant at, Map<String, Long> uses, List<Mismatch> lasting) {
        List<Mismatch> found = new ArrayList<>();
        standing(granted, at, uses.getOrDefault(granted.grant().id(), 0L), found);
        found.addAll(lasting);
        return new Considered(granted, found);
    }

    /** {@return the first grant that permits} */
    public Optional<Granted> permitting() {
        return considered.stream()
                .filter(each -> each.mismatches().isEmpty())
                .map(Considered::granted)
                .findFirst();
    }

    /** {@return for each grant a line that says what it is, and below it what would have to differ} */
    public List<String> explain() {
        List<String> lines = new ArrayList<>();
        if (considered.isEmpty()) {
            lines.add("the key has no grant: give one with 'innerkeep keys grant'");
        }
        for (Considered each : considered) {
            lines.add(each.granted().grant() + (each.mismatches().isEmpty() ? ": permits" : ": does not permit"));
            each.mismatches().forEach(mismatch -> lines.add("  " + mismatch));
        }
        return List.copyOf(lines);
    }

    private static void standing(Granted granted, Instant at, long used, List<Mismatch> found) {
        Grant grant = granted.grant();
        granted.revoked().ifPresent(revoked -> found.add(new Mismatch(
                Mismatch.Code.REVOKED, "grant", "revoked at " + revoked.at(), "a grant that holds", "The owner must give a new grant.")));
        if (grant.notBefore().isPresent() && at.isBefore(grant.notBefore().get())) {
            found.add(new Mismatch(Mismatch.Code.NOT_YET, "time", at.toString(), "from " + grant.notBefore().get() + " on",
                    "Ask again then, by the vault's clock."));
        }
        if (grant.notAfter().isPresent() && !at.isBefore(grant.notAfter().get())) {
            found.add(new Mismatch(Mismatch.Code.EXPIRED, "time", at.toString(), "before " + grant.notAfter().get(),
                    "The owner must give a new grant."));
        }
        if (grant.uses().isPresent() && used >= grant.uses().getAsLong()) {
            found.add(new Mismatch(Mismatch.Code.USED_UP, "uses", Long.toString(used), "fewer than " + grant.uses().getAsLong(),
                    "The owner must give a new grant."));
        }
    }

    private static void code(GrantedCode code, Claims claims, List<Mismatch> found) {
        switch (code) {
            case GrantedCode.Signed signed -> signed(signed, claims, found);
            case GrantedCode.Measured measured -> {
                if (claims.measurement().filter(measured.measurements()::contains).isEmpty()) {
                    found.add(new Mismatch(
                            Mismatch.Code.MEASUREMENT,
                            "measurement",
                            claims.measurement().map(Measurement::toString).orElse("none"),
                            measured.measurements().size() == 1
                                    ? measured.measurements().iterator().next().toString()
                                    : "one of " + measured.measurements().size() + " that the grant names",
                            "Other code, runtime or configuration runs: compare with 'innerkeep diff', and grant it or run what was granted."));
                }
            }
        }
    }

    private static void signed(GrantedCode.Signed signed, Claims claims, List<Mismatch> found) {
        if (!claims.signer().equals(Optional.of(signed.signer()))) {
            found.add(new Mismatch(
                    Mismatch.Code.SIGNER,
                    "signer",
                    claims.signer().map(Bytes::hex).orElse("none"),
                    signed.signer().hex(),
                    "Someone else signed this code: run what the developer signed whom the owner trusts."));
        }
        if (!claims.productId().equals(OptionalLong.of(signed.productId()))) {
            found.add(new Mismatch(Mismatch.Code.PRODUCT, "product-id", shown(claims.productId()), Long.toString(signed.productId()),
                    "This is another product of that developer."));
        }
        if (claims.securityVersion().isEmpty() || claims.securityVersion().getAsLong() < signed.leastVersion()) {
            found.add(new Mismatch(
                    Mismatch.Code.VERSION,
                    "security-version",
                    shown(claims.securityVersion()),
                    signed.leastVersion() + " or later",
                    "An older version runs: the operator must start a newer one."));
        }
    }

    private static void place(Grant grant, Claims claims, List<Mismatch> found) {
        if (!grant.platforms().contains(claims.platform())) {
            found.add(new Mismatch(Mismatch.Code.PLATFORM, "platform", claims.platform(), "one of " + new TreeSet<>(grant.platforms()),
                    "Run the enclave on a platform that is granted, or grant this one by name."));
        }
        // Absent means unknown, and unknown is refused.
        Optional<MemoryReaders> readers = claims.text(Claims.MEMORY_READABLE_BY).flatMap(MemoryReaders::of);
        if (readers.isEmpty() || readers.get().compareTo(grant.readers()) > 0) {
            found.add(new Mismatch(
                    Mismatch.Code.MEMORY,
                    Claims.MEMORY_READABLE_BY,
                    readers.map(MemoryReaders::toString).orElse("not stated"),
                    grant.readers() + " at most",
                    "Run the enclave where fewer can read it, or grant it knowing who can."));
        }
        if (!grant.anchors().isEmpty() && !grant.anchors().contains(claims.anchor())) {
            found.add(new Mismatch(Mismatch.Code.ANCHOR, "anchor", claims.anchor().shortHex(),
                    grant.anchors().size() == 1 ? grant.anchors().iterator().next().shortHex() : "one of " + grant.anchors().size(),
                    "Another keeper or maker vouches for it than the grant names."));
        }
        if (claims.debug() && !grant.debug()) {
            found.add(new Mismatch(Mismatch.Code.DEBUG, "debug", "true", "false",
                    "Whoever runs a debug enclave can read it: pack it without debug."));
        }
    }

    private static void job(Grant grant, Optional<Bytes> job, List<Mismatch> found) {
        if (grant.job().isPresent() && !grant.job().equals(job)) {
            found.add(new Mismatch(Mismatch.Code.JOB, "job", job.map(Bytes::shortHex).orElse("none"), grant.job().get().shortHex(),
                    "The key is granted to another job: run that one, or have the owner agree to this one."));
        }
    }

    private static String shown(OptionalLong number) {
        return number.isPresent() ? Long.toString(number.getAsLong()) : "none";
    }
}
