package org.innerkeep.evidence;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a relying party pins and lifts for a verification. Begins strict: debug, migration, weak algorithms and every TCB status but
 * {@link TcbStatus#UP_TO_DATE} are refused, and each is lifted only by the method that names it.
 *
 * <p>Immutable, safe for use by several threads; every method returns a changed copy.
 */
public final class VerifierOptions {
    private static final List<String> PRODUCTS = List.of("Milan", "Genoa", "Turin");
    private static final List<String> SNP_COMPONENTS = List.of("bootloader", "fmc", "microcode", "snp", "tee");

    private final Set<Anchor> anchors;
    private final Map<Maker, List<Bytes>> roots;
    private final Set<Floor> lifted;
    private final Set<TcbStatus> acceptedTcb;
    private final OptionalInt leastEvaluation;
    private final Set<String> refusedProducts;
    private final Map<String, Integer> leastSnpTcb;
    private final Optional<Bytes> reportData;
    private final Optional<Bytes> nonce;
    private final Optional<String> audience;
    private final Duration clockSkew;

    /** What is refused unless it is lifted by name. */
    private enum Floor {
        DEBUG,
        MIGRATION,
        SHA1,
        NO_REVOCATION_LIST
    }

    private VerifierOptions(
            Set<Anchor> anchors,
            Set<Floor> lifted,
            Set<TcbStatus> acceptedTcb,
            OptionalInt leastEvaluation,
            Set<String> refusedProducts,
            Map<String, Integer> leastSnpTcb,
            Optional<Bytes> reportData,
            Optional<Bytes> nonce,
            Optional<String> audience,
            Duration clockSkew) {
        this.anchors = Set.copyOf(anchors);
        this.roots = anchors(MakerRoot.class).stream()
                .collect(Collectors.groupingBy(MakerRoot::maker, Collectors.mapping(MakerRoot::publicKey, Collectors.toUnmodifiableList())));
        this.lifted = Set.copyOf(lifted);
        this.acceptedTcb = Set.copyOf(acceptedTcb);
        this.leastEvaluation = leastEvaluation;
        this.refusedProducts = Set.copyOf(refusedProducts);
        this.leastSnpTcb = Collections.unmodifiableMap(new TreeMap<>(leastSnpTcb));
        this.reportData = reportData;
        this.nonce = nonce;
        this.audience = audience;
        this.clockSkew = clockSkew;
    }

    /**
     * Begins with anchors.
     *
     * @param anchors what the relying party pinned; with none nothing is accepted
     * @return strict options
     */
    public static VerifierOptions of(Collection<? extends Anchor> anchors) {
        return new VerifierOptions(
                Set.copyOf(anchors),
                EnumSet.noneOf(Floor.class),
                Set.of(TcbStatus.UP_TO_DATE),
                OptionalInt.empty(),
                Set.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Duration.ZERO);
    }

    /**
     * Begins with anchors.
     *
     * @param anchors what the relying party pinned; with none nothing is accepted
     * @return strict options
     */
    public static VerifierOptions of(Anchor... anchors) {
        return of(List.of(anchors));
    }

    private VerifierOptions lift(Floor floor) {
        Set<Floor> more = EnumSet.of(floor);
        more.addAll(lifted);
        return new VerifierOptions(
                anchors, more, acceptedTcb, leastEvaluation, refusedProducts, leastSnpTcb,
                reportData, nonce, audience, clockSkew);
    }

    /**
     * Accepts what can be debugged: whoever runs it can read all that is in it. For development, or where the relying party decides
     * over the claim itself.
     *
     * @return a changed copy
     */
    public VerifierOptions allowDebug() {
        return lift(Floor.DEBUG);
    }

    /**
     * Accepts guests that their operator may move to another machine by a migration agent.
     *
     * @return a changed copy
     */
    public VerifierOptions allowMigration() {
        return lift(Floor.MIGRATION);
    }

    /**
     * Accepts SHA-1 in TPM quotes, PCR banks and event logs. Collisions can be made for it: it proves little.
     *
     * @return a changed copy
     */
    public VerifierOptions allowSha1() {
        return lift(Floor.SHA1);
    }

    /**
     * Accepts AMD certificates of which no revocation list is at hand. Where one is, it always counts; Intel's are always needed.
     *
     * @return a changed copy
     */
    public VerifierOptions allowMissingRevocationList() {
        return lift(Floor.NO_REVOCATION_LIST);
    }

    /**
     * Accepts further TCB statuses. {@link TcbStatus#REVOKED} cannot be accepted.
     *
     * @param more beside those accepted already
     * @return a changed copy
     * @throws IllegalArgumentException if {@code REVOKED} is among them
     */
    public VerifierOptions acceptTcb(TcbStatus... more) {
        Set<TcbStatus> all = EnumSet.copyOf(acceptedTcb);
        all.addAll(List.of(more));
        if (all.contains(TcbStatus.REVOKED)) {
            throw new IllegalArgumentException("a revoked platform cannot be accepted");
        }
        return new VerifierOptions(
                anchors, lifted, all, leastEvaluation, refusedProducts, leastSnpTcb, reportData, nonce, audience, clockSkew);
    }

    /**
     * Refuses Intel's collateral of an older evaluation. Intel publishes several at a time; an attacker who chooses takes the oldest.
     *
     * @param number the least {@code tcbEvaluationDataNumber} accepted
     * @return a changed copy
     */
    public VerifierOptions leastTcbEvaluation(int number) {
        return new VerifierOptions(
                anchors, lifted, acceptedTcb, OptionalInt.of(number), refusedProducts, leastSnpTcb,
                reportData, nonce, audience, clockSkew);
    }

    /**
     * Refuses lines of products, such as one whose root seed was extracted.
     *
     * @param names {@code Milan}, {@code Genoa} or {@code Turin}; beside those refused already
     * @return a changed copy
     * @throws IllegalArgumentException if one has another name
     */
    public VerifierOptions refuseProducts(String... names) {
        if (!PRODUCTS.containsAll(List.of(names))) {
            throw new IllegalArgumentException("refused products: expected some of " + PRODUCTS + ", found others");
        }
        Set<String> all = new LinkedHashSet<>(refusedProducts);
        all.addAll(List.of(names));
        return new VerifierOptions(
                anchors, lifted, acceptedTcb, leastEvaluation, all, leastSnpTcb, reportData, nonce, audience, clockSkew);
    }

    /**
     * Refuses AMD's machines whose firmware is older: AMD publishes no levels as Intel does, so which are good enough is for the
     * relying party to say. What counts is the reported TCB, which the certificate of the key that signed states too. A machine
     * whose line has no such component is refused, and so is what does not prove its TCB, such as a token of another service.
     *
     * @param levels least versions, 0 to 255, by component: {@code bootloader}, {@code tee}, {@code snp}, {@code microcode}, and
     *     for Turin {@code fmc}; instead of those required before
     * @return a changed copy
     * @throws IllegalArgumentException if a component has another name, or a version is out of range
     */
    public VerifierOptions leastSnpTcb(Map<String, Integer> levels) {
        levels.forEach((component, level) -> {
            if (!SNP_COMPONENTS.contains(component) || level < 0 || level > 255) {
                throw new IllegalArgumentException("least SNP TCB: expected versions from 0 to 255 of some of " + SNP_COMPONENTS);
            }
        });
        return new VerifierOptions(
                anchors, lifted, acceptedTcb, leastEvaluation, refusedProducts, levels, reportData, nonce, audience, clockSkew);
    }

    /**
     * Requires this report data.
     *
     * @param expected exactly, at least one byte; 64 bytes for SGX, TDX and SNP
     * @return a changed copy
     * @throws IllegalArgumentException if it is empty
     */
    public VerifierOptions reportData(Bytes expected) {
        if (expected.length() == 0) {
            throw new IllegalArgumentException("empty report data binds nothing");
        }
        return new VerifierOptions(
                anchors, lifted, acceptedTcb, leastEvaluation, refusedProducts, leastSnpTcb,
                Optional.of(expected), nonce, audience, clockSkew);
    }

    /**
     * Requires that evidence with a nonce of its own (TPM quotes, Nitro documents, GPU reports, tokens) was made for this one.
     *
     * @param expected exactly, at least one byte
     * @return a changed copy
     * @throws IllegalArgumentException if it is empty
     */
    public VerifierOptions nonce(Bytes expected) {
        if (expected.length() == 0) {
            throw new IllegalArgumentException("an empty nonce proves nothing");
        }
        return new VerifierOptions(
                anchors, lifted, acceptedTcb, leastEvaluation, refusedProducts, leastSnpTcb,
                reportData, Optional.of(expected), audience, clockSkew);
    }

    /**
     * Requires that tokens are for this audience.
     *
     * @param expected one of the token's {@code aud}
     * @return a changed copy
     */
    public VerifierOptions audience(String expected) {
        return new VerifierOptions(
                anchors, lifted, acceptedTcb, leastEvaluation, refusedProducts, leastSnpTcb,
                reportData, nonce, Optional.of(expected), clockSkew);
    }

    /**
     * How far clocks may be apart: added on both sides of every validity.
     *
     * @param most not negative, at most a day; none unless this is called
     * @return a changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public VerifierOptions clockSkew(Duration most) {
        if (most.isNegative() || most.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("clock skew: expected 0 to 1 day, found " + most);
        }
        return new VerifierOptions(
                anchors, lifted, acceptedTcb, leastEvaluation, refusedProducts, leastSnpTcb, reportData, nonce, audience, most);
    }

    /**
     * What holds for any evidence alike: without the report data, the nonce and the audience that one piece of evidence must have.
     *
     * @return a changed copy, or this where there is nothing to leave out
     */
    public VerifierOptions withoutExpectations() {
        return reportData.isEmpty() && nonce.isEmpty() && audience.isEmpty()
                ? this
                : new VerifierOptions(
                        anchors,
                        lifted,
                        acceptedTcb,
                        leastEvaluation,
                        refusedProducts,
                        leastSnpTcb,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        clockSkew);
    }

    /** {@return what is pinned} */
    public Set<Anchor> anchors() {
        return anchors;
    }

    /**
     * The pinned anchors of one kind.
     *
     * @param <T> the kind
     * @param kind the kind
     * @return those of that kind
     */
    public <T extends Anchor> List<T> anchors(Class<T> kind) {
        return anchors.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /**
     * The pinned root keys of a maker.
     *
     * @param maker the maker
     * @return their SubjectPublicKeyInfo, DER
     */
    public List<Bytes> roots(Maker maker) {
        return roots.getOrDefault(maker, List.of());
    }

    /** {@return whether what can be debugged is accepted} */
    public boolean debugAllowed() {
        return lifted.contains(Floor.DEBUG);
    }

    /** {@return whether what its operator may move is accepted} */
    public boolean migrationAllowed() {
        return lifted.contains(Floor.MIGRATION);
    }

    /** {@return whether SHA-1 is accepted} */
    public boolean sha1Allowed() {
        return lifted.contains(Floor.SHA1);
    }

    /** {@return whether AMD's certificates are accepted without a revocation list} */
    public boolean missingRevocationListAllowed() {
        return lifted.contains(Floor.NO_REVOCATION_LIST);
    }

    /** {@return the TCB statuses accepted} */
    public Set<TcbStatus> acceptedTcb() {
        return acceptedTcb;
    }

    /** {@return the least evaluation of Intel's collateral accepted} */
    public OptionalInt leastEvaluation() {
        return leastEvaluation;
    }

    /** {@return the lines of products refused, sorted} */
    public Set<String> refusedProducts() {
        return new TreeSet<>(refusedProducts);
    }

    /** {@return the least versions required of AMD's firmware, by component, sorted} */
    public Map<String, Integer> leastSnpTcb() {
        return leastSnpTcb;
    }

    /** {@return the report data required} */
    public Optional<Bytes> expectedReportData() {
        return reportData;
    }

    /** {@return the nonce required} */
    public Optional<Bytes> expectedNonce() {
        return nonce;
    }

    /** {@return the audience required} */
    public Optional<String> expectedAudience() {
        return audience;
    }

    /** {@return how far clocks may be apart} */
    public Duration acceptedClockSkew() {
        return clockSkew;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof VerifierOptions that
                && anchors.equals(that.anchors)
                && lifted.equals(that.lifted)
                && acceptedTcb.equals(that.acceptedTcb)
                && leastEvaluation.equals(that.leastEvaluation)
                && refusedProducts.equals(that.refusedProducts)
                && leastSnpTcb.equals(that.leastSnpTcb)
                && reportData.equals(that.reportData)
                && nonce.equals(that.nonce)
                && audience.equals(that.audience)
                && clockSkew.equals(that.clockSkew);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                anchors, lifted, acceptedTcb, leastEvaluation, refusedProducts, leastSnpTcb,
                reportData, nonce, audience, clockSkew);
    }
}
