package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.TransparencyLog;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.PendingChange;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoreOptions;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.Authority;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Changes of policies that two identities have to want. */
class FourEyesTest {
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);
    private static final FakeAmd AMD = FakeAmd.of(SnpProduct.MILAN, Rig.NOW);
    private static final String PATH = "/policies/SgxEnclave?api-version=2020-10-01";
    private static final String DENY = "version=1.0;\nauthorizationrules { => deny(); };\nissuancerules { };";
    private static final String PERMIT = "version=1.0;\nauthorizationrules { => permit(); };\nissuancerules { };";
    private static final List<String> PEOPLE = List.of("one", "two", "three");

    @TempDir
    private Path folder;

    private Path keyFile(String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, "a key of its own for " + name);
        }
        return file;
    }

    private Map<String, String> settings() throws IOException {
        List<String> files = new ArrayList<>();
        for (String each : PEOPLE) {
            files.add(keyFile(each).toString());
        }
        return Map.of("policy-approvals", "2", "admin-key-file", String.join(",", files));
    }

    private Rig start() throws IOException {
        return Rig.of(folder, INTEL, AMD, settings());
    }

    private static String[] as(String name) {
        return new String[] {"Authorization", "Bearer a key of its own for " + name};
    }

    /** What the key is called in records. */
    private static String identity(Rig rig, String name) {
        Rig.Answer proposed = propose(rig, PERMIT, name);
        rig.send("POST", "/policychanges/" + digest(proposed) + ":reject", as(name));
        return proposed.body().path("change").path("by").stringValue();
    }

    private static Rig.Answer propose(Rig rig, String policy, String by) {
        return rig.put(PATH, "text/plain", PolicyJws.unsigned(policy).jws().text(), as(by));
    }

    private static String digest(Rig.Answer proposed) {
        assertThat(proposed.status()).as(proposed.message()).isEqualTo(202);
        return proposed.body().path("change").path("digest").stringValue();
    }

    private static Rig.Answer approve(Rig rig, String digest, String by) {
        return rig.send("POST", "/policychanges/" + digest + ":approve", as(by));
    }

    private static String policy(Rig rig) {
        return rig.get(PATH, as("one")).claims().path("x-ms-policy").stringValue();
    }

    private static JsonNode waiting(Rig rig) {
        return rig.get("/policychanges", as("three")).body().path("changes");
    }

    @Test
    void aChangeHoldsOnceAnotherApprovesItAndNotBefore() throws Exception {
        try (Rig rig = start()) {
            String before = policy(rig);
            Rig.Answer proposed = propose(rig, DENY, "one");
            String digest = digest(proposed);

            assertThat(proposed.response().headers().firstValue("x-innerkeep-receipt")).isPresent();
            assertThat(policy(rig)).isEqualTo(before);
            JsonNode change = waiting(rig).path(0);
            assertThat(change.path("digest").stringValue()).isEqualTo(digest);
            assertThat(change.path("action").stringValue()).isEqualTo("set-policy");
            assertThat(change.path("type").stringValue()).isEqualTo("SgxEnclave");
            assertThat(change.path("by").stringValue()).matches("admin-key [0-9a-f]{16} one");
            assertThat(change.path("jws").stringValue()).isEqualTo(PolicyJws.unsigned(DENY).jws().text());

            Rig.Answer approved = approve(rig, digest, "two");
            assertThat(approved.claims().path("x-ms-policy-result").stringValue()).isEqualTo("Updated");
            assertThat(policy(rig)).isEqualTo(PolicyJws.unsigned(DENY).jws().text());
            assertThat(waiting(rig).size()).isZero();
            assertThat(rig.attest("SgxEnclave", Map.of("quote", Rig.base64(INTEL.sgxQuote(3, quote -> {})))).code())
                    .isEqualTo("PolicyEvaluationError");
        }
    }

    @Test
    void nobodyApprovesTheirOwn() throws Exception {
        try (Rig rig = start()) {
            String before = policy(rig);
            String digest = digest(propose(rig, DENY, "one"));

            assertThat(approve(rig, digest, "one").status()).isEqualTo(403);
            assertThat(rig.send("POST", "/policychanges/" + digest + ":approve").status()).isEqualTo(401);
            assertThat(policy(rig)).isEqualTo(before);
            assertThat(waiting(rig).size()).isEqualTo(1);
        }
    }

    @Test
    void theLogShowsWhoProposedAndWhoApproved() throws Exception {
        try (Rig rig = start()) {
            String one = identity(rig, "one");
            String two = identity(rig, "two");
            long begin = rig.running().service().log().head().orElseThrow().head().size();
            approve(rig, digest(propose(rig, DENY, "one")), "two");

            // Beside those of the codes by which documents are believed.
            List<LogEntry> leaves =
                    leaves(rig, begin).stream().filter(each -> !each.kind().equals("document-codes-set")).toList();
            assertThat(leaves).extracting(LogEntry::kind)
                    .containsExactly(LogEntry.CHANGES_SET, LogEntry.CHANGES_SET, LogEntry.POLICY_SET);
            assertThat(leaves).extracting(leaf -> leaf.digest("set-by").orElseThrow()).containsExactly(
                    name(one), name(two), name(one + " \u2192 approved by " + two));
        }
    }

    private static List<LogEntry> leaves(Rig rig, long begin) throws Exception {
        TransparencyLog log = rig.running().service().log();
        List<LogEntry> leaves = new ArrayList<>();
        for (Bytes leaf : log.leaves(begin, (int) (log.head().orElseThrow().head().size() - begin))) {
            leaves.add(LogEntry.parse(leaf.toArray()));
        }
        return leaves;
    }

    private static Bytes name(String name) {
        return Bytes.sha256(name.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void anApprovalIsForTheVeryChangeAndForNoOther() throws Exception {
        try (Rig rig = start()) {
            String deny = digest(propose(rig, DENY, "one"));
            String permit = digest(propose(rig, PERMIT, "one"));
            assertThat(deny).isNotEqualTo(permit);
            assertThat(approve(rig, permit, "two").status()).isEqualTo(200);

            // The other was proposed for the policy that held before. What is not made is not approved either.
            int leaves = leaves(rig, 0).size();
            assertThat(approve(rig, deny, "two").status()).isEqualTo(409);
            assertThat(leaves(rig, 0)).hasSize(leaves);
            assertThat(waiting(rig)).hasSize(1);
            assertThat(policy(rig)).isEqualTo(PolicyJws.unsigned(PERMIT).jws().text());
            assertThat(approve(rig, permit, "three").status()).isEqualTo(404);
            assertThat(approve(rig, "0".repeat(64), "two").status()).isEqualTo(404);
            assertThat(approve(rig, "abc", "two").status()).isEqualTo(400);
        }
    }

    @Test
    void ofTwoWhoApproveAtOnceOneIsFirst() throws Exception {
        try (Rig rig = start(); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            String digest = digest(propose(rig, DENY, "one"));
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String by = i % 2 == 0 ? "two" : "three";
                answers.add(threads.submit(() -> approve(rig, digest, by).status()));
            }
            List<Integer> statuses = new ArrayList<>();
            for (Future<Integer> each : answers) {
                statuses.add(each.get());
            }
            assertThat(statuses.stream().filter(status -> status == 200)).hasSize(1);
            assertThat(statuses).allMatch(status -> status == 200 || status == 404 || status == 409);
        }
    }

    @Test
    void whatWasRejectedCanNoLongerBeApproved() throws Exception {
        try (Rig rig = start()) {
            String digest = digest(propose(rig, DENY, "one"));

            assertThat(rig.send("POST", "/policychanges/" + digest + ":reject", as("one")).status()).isEqualTo(200);
            assertThat(approve(rig, digest, "two").status()).isEqualTo(404);
            assertThat(waiting(rig).size()).isZero();
        }
    }

    @Test
    void whatCouldNotBeDoneIsNotProposed() throws Exception {
        try (Rig rig = start()) {
            assertThat(propose(rig, "no policy", "one").status()).isEqualTo(400);
            assertThat(rig.put(PATH, "text/plain", "no.jws", as("one")).status()).isEqualTo(400);
            assertThat(rig.post("/certificates:add?api-version=2020-10-01", "application/json", "\"a.b.c\"", as("one")).status())
                    .isEqualTo(400);
            assertThat(waiting(rig).size()).isZero();
        }
    }

    @Test
    void aResetIsAChangeToo() throws Exception {
        try (Rig rig = start()) {
            String byDefault = policy(rig);
            approve(rig, digest(propose(rig, DENY, "one")), "two");
            Rig.Answer reset =
                    rig.post("/policies/SgxEnclave:reset?api-version=2020-10-01", "text/plain", "eyJhbGciOiJub25lIn0..", as("two"));
            assertThat(policy(rig)).isNotEqualTo(byDefault);

            assertThat(approve(rig, digest(reset), "one").claims().path("x-ms-policy-result").stringValue()).isEqualTo("Removed");
            assertThat(policy(rig)).isEqualTo(byDefault);
        }
    }

    @Test
    void nobodyFillsTheListForEver() throws Exception {
        try (Rig rig = start()) {
            for (int i = 0; i < PendingChange.MAX; i++) {
                digest(propose(rig, DENY + " ".repeat(i), "one"));
            }
            assertThat(propose(rig, PERMIT, "two").message()).contains("wait already");
            rig.send("POST", "/policychanges/" + waiting(rig).path(0).path("digest").stringValue() + ":reject", as("two"));
            digest(propose(rig, PERMIT, "two"));
        }
    }

    @Test
    void whatWaitsOutlivesARestart() throws Exception {
        String digest;
        try (Rig rig = start()) {
            digest = digest(propose(rig, DENY, "one"));
        }
        try (Rig rig = Rig.of(folder.resolve("."), INTEL, AMD, settings())) {
            assertThat(approve(rig, digest, "two").status()).isEqualTo(200);
        }
    }

    @Test
    void signersOfPoliciesChangeByTwoAsWell() throws Exception {
        KeyPair keys = Authority.rsaKeys(2048);
        X509Certificate signer = Authority.root("CN=signer", keys, "SHA256withRSA", Rig.NOW).certificate();
        X509Certificate other = Authority.root("CN=other", Authority.rsaKeys(2048), "SHA256withRSA", Rig.NOW).certificate();
        Map<String, String> isolated = new HashMap<>(settings());
        isolated.put("mode", "isolated");
        isolated.put("policy-signers", Rig.pem(folder.resolve("signer.pem"), signer));
        try (Rig rig = Rig.of(folder, INTEL, AMD, isolated)) {
            String header = Rig.json(Map.of("alg", "RS256", "x5c", List.of(Base64.getEncoder().encodeToString(signer.getEncoded()))));
            String payload = Rig.json(Map.of("policyCertificate",
                    Map.of("kty", "RSA", "x5c", List.of(Base64.getEncoder().encodeToString(other.getEncoded())))));
            String input = part(header) + "." + part(payload);
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(keys.getPrivate());
            signature.update(input.getBytes(StandardCharsets.US_ASCII));
            String body = "\"" + input + "." + Rig.base64(signature.sign()) + "\"";

            String digest =
                    digest(rig.post("/certificates:add?api-version=2020-10-01", "application/json", body, as("one")));
            assertThat(signers(rig)).isEqualTo(1);
            assertThat(approve(rig, digest, "one").status()).isEqualTo(403);
            assertThat(approve(rig, digest, "two").claims().path("x-ms-policycertificates-result").stringValue())
                    .isEqualTo("IsPresent");
            assertThat(signers(rig)).isEqualTo(2);
            // Two approvals stand beside the signature and not in its place.
            assertThat(propose(rig, DENY, "one").message()).contains("expected a signature");
        }
    }

    private static String part(String text) {
        return Rig.base64(text.getBytes(StandardCharsets.UTF_8));
    }

    private static int signers(Rig rig) {
        return rig.get("/certificates?api-version=2020-10-01", as("one")).claims()
                .path("x-ms-policy-certificates").path("keys").size();
    }

    @Test
    void aChangeThatWaitedTooLongIsGone() throws Exception {
        Instant[] now = {Rig.NOW};
        try (AttestationStore store = AttestationStore.open(
                StoreOptions.of(new StoreLocation.Sqlite(folder.resolve("store.db")), LogKey.generate()))) {
            PolicyChanges changes = new PolicyChanges(
                    store, new PolicyBook(store, TrustMode.AUTHORIZED, () -> now[0]), () -> now[0], Duration.ofDays(3));
            String text = PolicyJws.unsigned(DENY).jws().text();
            String digest = changes.propose(PendingChange.Action.SET_POLICY, AttestationType.SGX_ENCLAVE, text, "one")
                    .change().digest().hex();
            now[0] = now[0].plus(Duration.ofDays(3)).minusMillis(1000);
            assertThat(changes.waiting()).hasSize(1);
            now[0] = now[0].plusMillis(1000);

            assertThat(changes.waiting()).isEmpty();
            assertThatThrownBy(() -> changes.reject(digest, "two")).hasMessageContaining("none with this digest waits");
        }
    }

    @Test
    void withoutTheSettingNothingWaits() throws Exception {
        try (Rig rig = Rig.of(folder, INTEL, AMD, Map.of())) {
            assertThat(rig.put(PATH, "text/plain", PolicyJws.unsigned(DENY).jws().text(), rig.asAdmin()).status()).isEqualTo(200);
            assertThat(rig.get("/policychanges", rig.asAdmin()).body().path("changes").size()).isZero();
            assertThat(rig.send("POST", "/policychanges/" + "0".repeat(64) + ":approve", rig.asAdmin()).code())
                    .isEqualTo("InvalidOperation");
        }
    }

    @Test
    void settingsByWhichNobodyCouldApproveStartNothing() throws Exception {
        for (Map<String, String> each : List.of(
                Map.of("policy-approvals", "2"),
                Map.of("policy-approvals", "2", "admin-key-file", keyFile("one").toString()))) {
            assertThatThrownBy(() -> Rig.of(folder, INTEL, AMD, each)).hasMessageContaining("nobody could approve");
        }
        assertThatThrownBy(() -> Rig.of(folder.resolve("."), INTEL, AMD, Map.of("policy-approvals", "3")))
                .hasMessageContaining("expected 1 or 2");
        assertThat(folder.resolve("state/store.db")).doesNotExist();
    }

    @Test
    void oneKeyUnderTwoNamesIsOneIdentity() throws Exception {
        Path copy = Files.copy(keyFile("one"), folder.resolve("copy"), StandardCopyOption.COPY_ATTRIBUTES);

        assertThatThrownBy(() -> Rig.of(folder, INTEL, AMD,
                        Map.of("policy-approvals", "2", "admin-key-file", keyFile("one") + "," + copy)))
                .hasMessageContaining("one key under two names");
    }

    @Test
    void aKeyInAFileAndItsDigestAreOnePerson() throws Exception {
        Path key = keyFile("one");
        String digest = Bytes.sha256(Files.readString(key).strip().getBytes(StandardCharsets.UTF_8)).hex();
        assertThatThrownBy(() -> Rig.of(folder, INTEL, AMD, Map.of(
                        "policy-approvals", "2", "admin-key-file", key.toString(), "admin-key-digest", digest)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two people");
    }

    @Test
    void oneKeyIsOneIdentityWhateverItsFileIsCalledAfterARestart() throws Exception {
        String digest;
        try (Rig rig = start()) {
            digest = digest(propose(rig, DENY, "one"));
        }
        Path renamed = Files.move(keyFile("one"), folder.resolve("renamed"));
        Map<String, String> other =
                Map.of("policy-approvals", "2", "admin-key-file", renamed + "," + keyFile("two") + "," + keyFile("three"));
        try (Rig rig = Rig.of(folder.resolve("."), INTEL, AMD, other)) {
            assertThat(approve(rig, digest, "one").message()).contains("cannot approve it");
            assertThat(approve(rig, digest, "two").status()).isEqualTo(200);
        }
    }

    @Test
    void theSameNameForAnotherKeyIsAnotherIdentity() {
        byte[] secret = new byte[32];
        String one = AdminIdentity.of(secret, "a key of 16 characters or more", Optional.of("file"));

        assertThat(AdminIdentity.same(one, AdminIdentity.of(secret, "a key of 16 characters or more", Optional.empty()))).isTrue();
        assertThat(AdminIdentity.same(one, AdminIdentity.of(secret, "another of 16 characters or more", Optional.of("file")))).isFalse();
        assertThat(AdminIdentity.same("subject of https://a.example x", "subject of https://b.example x")).isFalse();
        secret[0] = 1;
        assertThat(one).isNotEqualTo(AdminIdentity.of(secret, "a key of 16 characters or more", Optional.of("file")));
    }

    private Throwable refusedStart(Map<String, String> more) {
        Throwable refused = catchThrowable(() -> Rig.of(folder.resolve("."), INTEL, AMD, more).close());
        assertThat(refused).isInstanceOf(IOException.class).hasMessageContaining("the store asks for 2");
        return refused;
    }

    @Test
    void noInstanceIsSetToFewerThanTheStoreSays() throws Exception {
        start().close();

        String lower = String.valueOf(refusedStart(Map.of()).getMessage())
                .replaceAll("(?s).*set (lower-policy-approvals)=([0-9]+) .*", "$2");
        refusedStart(Map.of("lower-policy-approvals", "0"));
        try (Rig rig = Rig.of(folder.resolve("."), INTEL, AMD, Map.of("lower-policy-approvals", lower))) {
            assertThat(rig.put(PATH, "text/plain", PolicyJws.unsigned(DENY).jws().text(), rig.asAdmin()).status()).isEqualTo(200);
            assertThat(leaves(rig, 0)).extracting(LogEntry::kind).filteredOn(LogEntry.APPROVALS_SET::equals).hasSize(2);
        }
        // Once it is raised again, the setting that was left behind lowers nothing.
        start().close();
        refusedStart(Map.of("lower-policy-approvals", lower));
    }

    @Test
    void anInstanceThatStartedBeforeItWasRaisedChangesNoPolicyAlone() throws Exception {
        try (Rig before = Rig.of(folder, INTEL, AMD, Map.of("admin-key-file", keyFile("one").toString()));
                Rig after = Rig.of(folder.resolve("."), INTEL, AMD, settings())) {
            String text = PolicyJws.unsigned(DENY).jws().text();
            assertThat(before.put(PATH, "text/plain", text, as("one")).message()).contains("start this instance with policy-approvals=2");
            assertThat(before.post("/policies/SgxEnclave:reset?api-version=2020-10-01", "text/plain", "eyJhbGciOiJub25lIn0..", as("one"))
                    .code()).isEqualTo("InvalidOperation");
            assertThat(propose(after, DENY, "one").status()).isEqualTo(202);
        }
    }
}
