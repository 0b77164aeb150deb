package org.innerkeep.cli.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;
import org.innerkeep.cli.vault.ServedVault.Outcome;
import org.innerkeep.cli.vault.StudyBundles.Kind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An update as an owner lives it: real bundles, the vault that the owner serves and changes by command, and enclaves of the
 * bundles that ask over HTTPS with a keeper's evidence.
 */
@Timeout(120)
class UpdateTest {
    private static final KeyPair KEEPER = AskingEnclave.newKeeper();
    private static final Pattern GRANTED = Pattern.compile("granted    ([0-9a-f]{32})");

    @TempDir
    private static Path folder;

    private static ServedVault vault;
    private static StudyBundles bundles;
    private static Path version3;
    private static Path version4;
    private static Path runtimes;
    private static int keys;

    private String key;
    private Path sealed;

    @BeforeAll
    static void serve() throws Exception {
        runtimes = Files.createDirectory(folder.resolve("runtimes"));
        bundles = new StudyBundles(folder);
        version3 = bundles.version(3);
        version4 = bundles.version(4);
        vault = ServedVault.start(folder.resolve("owner"), AskingEnclave.anchor(KEEPER));
    }

    @AfterAll
    static void close() {
        vault.close();
    }

    @BeforeEach
    void seal() throws Exception {
        key = "patients-" + keys++;
        sealed = folder.resolve(key + ".age");
        vault.keys("create", key);
        vault.seal(key, "the patients", sealed);
    }

    private String grantSigner(String... more) {
        return grant(more, "--signer", bundles.signer(), "--product", "7", "--least-version", "3");
    }

    private String grantMeasurements(List<String> measurements, String... more) {
        List<String> code = new ArrayList<>();
        measurements.forEach(each -> code.addAll(List.of("--measurement", each)));
        return grant(more, code.toArray(String[]::new));
    }

    private String grant(String[] more, String... code) {
        List<String> all = new ArrayList<>(List.of(code));
        all.addAll(List.of("--platform", "process", "--memory", "root"));
        all.addAll(Arrays.asList(more));
        return vault.grant(key, all.toArray(String[]::new));
    }

    private static AskingEnclave enclave(Path bundle) throws Exception {
        return AskingEnclave.of(KEEPER, bundle, runtimes);
    }

    private AskingEnclave.Answer ask(Path bundle) throws Exception {
        return enclave(bundle).ask(vault, key, sealed);
    }

    private Outcome update(Path from, Path to, String... more) {
        List<String> all = new ArrayList<>(List.of("update", key, from.toString(), to.toString(), "--runtimes", runtimes.toString()));
        all.addAll(Arrays.asList(more));
        return vault.tryKeys(all.toArray(String[]::new));
    }

    private String show() {
        return vault.keys("show", key);
    }

    private static List<String> granted(Outcome outcome) {
        Matcher found = GRANTED.matcher(outcome.out());
        List<String> ids = new ArrayList<>();
        while (found.find()) {
            ids.add(found.group(1));
        }
        return ids;
    }

    @Test
    void theOwnerSeesTheNewVersionComparesItAndTakesTheGrantToIt() throws Exception {
        String old = grantMeasurements(List.of(enclave(version3).measurement()), "--lease", "PT15M");
        assertThat(ask(version3).grant()).contains(old);
        assertThat(ask(version4).status()).isEqualTo(403);

        assertThat(vault.keys("list")).containsPattern(key + "  identity.*\\n  asked for at .* and refused: version 4 of product 7");
        assertThat(vault.keys("why", key)).contains("MEASUREMENT measurement")
                .contains("In short").contains("version 4 of product 7, signed by " + bundles.signer() + ", on process")
                .contains("asked    once and got nothing").contains("none that holds names this code").contains("keys update " + key);
        assertThat(vault.keys("enclaves", key)).contains("once and got what it asked for").contains("named by " + old);

        Outcome done = update(version3, version4, "--yes");
        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(done.out())
                .contains("svn: 3 became 4").contains("heap: 70254592 bytes became 71303168 bytes")
                .contains("lib/study.jar: changed").contains("resource notes.txt: changed")
                .contains("measures   old: " + enclave(version3).measurement())
                .contains("measures   new: " + enclave(version4).measurement())
                .contains("running    an enclave of the new version asked once and got nothing")
                .contains("revoked    " + old)
                .contains("This does not undo").contains("its lease of 15 minutes").contains("keys rotate " + key);
        assertThat(granted(done)).hasSize(1);

        assertThat(ask(version4).grant()).contains(granted(done).getFirst());
        assertThat(ask(version3).status()).as("a running enclave of the old version cannot renew").isEqualTo(403);
        String renewed = show();
        assertThat(renewed).contains("lease    seconds 900").contains(enclave(version4).measurement());
        assertThat(vault.keys("log", key)).containsSubsequence(
                "refused to", "released to", "revoked by", "grant " + old, "granted by", "refused to", "released to", "granted by");
    }

    @Test
    void withoutAYesNothingIsChanged() throws Exception {
        grantMeasurements(List.of(enclave(version3).measurement()));
        String before = show();
        Outcome shown = update(version3, version4);
        assertThat(shown.exitCode()).isEqualTo(1);
        assertThat(shown.out()).contains("REVOKED, when you say yes").contains(enclave(version4).measurement());
        assertThat(shown.err()).contains("nothing was changed").contains("--yes");
        assertThat(show()).isEqualTo(before);
    }

    @Test
    void aGrantBySignerIsRaisedSoThatTheOldVersionGetsNothing() throws Exception {
        String old = grantSigner();
        assertThat(ask(version4).grant()).as("a signer's later versions are permitted from the start").contains(old);
        Outcome done = update(version3, version4, "--yes");
        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(show()).contains("version 4 or later");
        assertThat(ask(version4).status()).isEqualTo(200);
        assertThat(ask(version3).status()).isEqualTo(403);
    }

    @Test
    void anOverlapLetsBothVersionsWorkUntilItEndsByItself() throws Exception {
        String old = grantSigner();
        Instant before = Instant.now();
        Outcome done = update(version3, version4, "--yes", "--overlap", "PT24H");
        assertThat(granted(done)).hasSize(2);
        assertThat(ask(version4).grant()).contains(granted(done).get(0));
        assertThat(ask(version3).grant()).contains(granted(done).get(1));
        Matcher until = Pattern.compile("until    (\\S+)").matcher(show());
        assertThat(until.find()).isTrue();
        assertThat(Duration.between(before, Instant.parse(until.group(1)))).isBetween(Duration.ofHours(23), Duration.ofHours(25));
        assertThat(show()).contains(old + ", revoked at");
    }

    @Test
    void usesAreNotRenewedByAnUpdateAndCannotBeShared() throws Exception {
        grantSigner("--uses", "3");
        ask(version3);
        assertThat(update(version3, version4, "--yes", "--overlap", "PT1H"))
                .matches(each -> each.exitCode() == 1 && each.err().contains("bounds its uses, which two versions cannot share"));
        assertThat(update(version3, version4, "--yes").exitCode()).isZero();
        assertThat(show()).contains("0 of 2");
        assertThat(List.of(ask(version4).status(), ask(version4).status(), ask(version4).status())).containsExactly(200, 200, 403);
    }

    @Test
    void otherRestrictionsStayAsTheyWere() throws Exception {
        String job = "11".repeat(32);
        grantSigner("--job", job, "--until", "2099-01-01T00:00:00Z", "--lease", "PT1M");
        assertThat(update(version3, version4, "--yes").exitCode()).isZero();
        String given = show().replaceAll("(?s).*grant      ", "");
        assertThat(given).contains("version 4 or later").contains(job).contains("2099-01-01T00:00:00Z").contains("lease    seconds 60")
                .contains("process, memory readable by root at most");
    }

    @Test
    void ofSeveralMeasurementsOnlyTheOldOneIsExchanged() throws Exception {
        String other = "sha-256:" + "ab".repeat(32);
        grantMeasurements(List.of(enclave(version3).measurement(), other));
        assertThat(update(version3, version4, "--yes").exitCode()).isZero();
        String given = show().replaceAll("(?s).*grant      ", "");
        assertThat(given).contains(other).contains(enclave(version4).measurement()).doesNotContain(enclave(version3).measurement());
    }

    @Test
    void measurementsOfAnotherMachineAreTakenFromTheOwner() throws Exception {
        String there3 = "sha-256:" + "33".repeat(32);
        String there4 = "sha-256:" + "44".repeat(32);
        grantMeasurements(List.of(there3));
        assertThat(update(version3, version4, "--yes")).matches(each ->
                each.exitCode() == 1 && each.out().contains("names neither version, by what they measure to here"));
        Outcome done = update(version3, version4, "--yes", "--old-measurement", there3, "--measurement", there4);
        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(show()).contains(there4);
    }

    @Test
    void adowngradeIsRefusedUnlessItIsNamed() throws Exception {
        grantSigner();
        assertThat(update(version4, version3, "--yes"))
                .matches(each -> each.exitCode() == 1 && each.err().contains("lower security version 3") && each.err().contains("nothing was"));
        assertThat(update(version4, version3, "--yes", "--allow-downgrade").exitCode()).isZero();
    }

    @Test
    void anotherSignerIsRefusedUnlessItIsNamedByItsKey() throws Exception {
        grantSigner();
        SigningKey stranger = SigningKey.generate(SignerKey.Algorithm.P256);
        Path theirs = bundles.bundle("theirs", new Kind(4, false, stranger, StudyBundles.PRODUCT));
        String before = show();
        assertThat(update(version3, theirs, "--yes", "--allow-signer", bundles.signer()))
                .matches(each -> each.exitCode() == 1 && each.err().contains("somebody else signed the new bundle"));
        assertThat(show()).isEqualTo(before);
        assertThat(ask(theirs).status()).isEqualTo(403);
        String named = stranger.publicKey().id().toString();
        assertThat(update(version3, theirs, "--yes", "--allow-signer", named).exitCode()).isZero();
        assertThat(ask(theirs).status()).isEqualTo(200);
        assertThat(ask(version4).status()).as("the first signer is no longer granted").isEqualTo(403);
    }

    @Test
    void aDebugBuildIsRefusedAndNoGrantIsLoosenedForIt() throws Exception {
        grantSigner();
        Path debug = bundles.bundle("debug", new Kind(4, true, bundles.developer(), StudyBundles.PRODUCT));
        assertThat(update(version3, debug, "--yes")).matches(each -> each.exitCode() == 1 && each.err().contains("--allow-debug"));
        assertThat(update(version3, debug, "--yes", "--allow-debug"))
                .matches(each -> each.exitCode() == 1 && each.err().contains("an update loosens no grant"));
    }

    @Test
    void anotherProductAndTheSameBundleAreNoUpdate() throws Exception {
        grantSigner();
        Path other = bundles.bundle("other", new Kind(4, false, bundles.developer(), 8));
        assertThat(update(version3, other, "--yes").err()).contains("another product, 8 and not 7");
        assertThat(update(version3, version3, "--yes").err()).contains("are the same bundle");
    }

    @Test
    void aRebuiltVersionOfTheSameNumberCannotBeToldApartBySigner() throws Exception {
        grantSigner();
        Path again = bundles.bundle("again", new Kind(3, false, bundles.developer(), StudyBundles.PRODUCT));
        Outcome outcome = update(version3, again, "--yes");
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out()).contains("goes by the security version, which is 3 in both");
    }

    @Test
    void onlyTheGrantThatIsNamedIsReplaced() throws Exception {
        String one = grantSigner("--lease", "PT1M");
        String two = grantSigner("--lease", "PT2M");
        Outcome done = update(version3, version4, "--yes", "--grant", two);
        assertThat(done.out()).contains("revoked    " + two).doesNotContain("revoked    " + one);
        assertThat(update(version3, version4, "--yes", "--grant", two).exitCode()).as("it holds no longer").isEqualTo(1);
        assertThat(update(version3, version4, "--yes", "--grant", "x").err()).contains("expected 32 hexadecimal digits");
    }

    @Test
    void aDamagedBundleIsNotCompared() throws Exception {
        byte[] bytes = Files.readAllBytes(version4);
        bytes[bytes.length - 10] ^= 1;
        Path damaged = Files.write(folder.resolve("damaged.enclave"), bytes);
        grantSigner();
        assertThat(update(version3, damaged, "--yes")).matches(each -> each.exitCode() == 1 && each.err().contains("damaged.enclave"));
    }

    @Test
    void whatRevocationDoesNotUndoIsSaidWithEachRevocation() throws Exception {
        String leased = grantSigner("--lease", "PT1H");
        assertThat(vault.keys("revoke", key, leased)).contains("of the last decisions none was a release by it");
        String unleased = grantSigner();
        ask(version3);
        assertThat(vault.keys("revoke", key, unleased)).contains("had no lease, so enclaves keep the file keys for as long as they run");
    }
}
