package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.attestation.log.LogHead;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.RealPostgresql;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoreOptions;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that serve as one: the same PostgreSQL, the same keys, requests to the one or to the other. */
class TwoInstancesTest {
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);
    private static final FakeAmd AMD = FakeAmd.of(SnpProduct.MILAN, Rig.NOW);
    private static final String QUOTE = Rig.base64(INTEL.sgxQuote(3, quote -> {}));
    private static final String PATH = "/policies/SgxEnclave?api-version=2020-10-01";
    private static final String ISSUER = "https://attest.example";

    @TempDir
    private static Path folder;

    private static Optional<RealPostgresql> server = Optional.empty();
    private static final List<ServiceProcess> PROCESSES = new ArrayList<>();
    private static final List<Rig> RIGS = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        Optional<Path> programs = RealPostgresql.installed();
        if (programs.isEmpty()) {
            System.err.println("SKIPPED: two instances are not tested, for no PostgreSQL is installed; apt-get install postgresql");
        }
        Assumptions.assumeTrue(programs.isPresent(), "no PostgreSQL is installed");
        server = Optional.of(RealPostgresql.start(programs.get()));
        server.get().execute("postgres", "CREATE DATABASE shared");
        LogKey.generate().write(folder.resolve("log.key"));
        Files.write(folder.resolve("wrapping.key"), new byte[32]);
        Files.writeString(folder.resolve("admin.key"), "an admin key that both instances have");
        for (String secret : List.of("wrapping.key", "admin.key")) {
            Files.setPosixFilePermissions(folder.resolve(secret), PosixFilePermissions.fromString("rw-------"));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<ServiceProcess>> starting = new ArrayList<>();
            for (String name : List.of("one", "other")) {
                starting.add(threads.submit(() -> startProcess(name)));
            }
            for (Future<ServiceProcess> each : starting) {
                PROCESSES.add(each.get());
                RIGS.add(Rig.of(each.get()));
            }
        }
    }

    private static ServiceProcess startProcess(String name) throws Exception {
        Map<String, String> values = new HashMap<>(Rig.makers(Files.createDirectories(folder.resolve(name)), INTEL, AMD));
        values.put("issuer", ISSUER);
        values.put("store", url());
        for (String secret : List.of("log", "wrapping", "admin")) {
            values.put(secret + "-key-file", folder.resolve(secret + ".key").toString());
        }
        return ServiceProcess.start(folder.resolve(name), values);
    }

    private static String url() {
        return server.orElseThrow().url("shared");
    }

    @AfterAll
    static void stop() throws Exception {
        RIGS.forEach(Rig::close);
        for (ServiceProcess each : PROCESSES) {
            each.close();
        }
        if (server.isPresent()) {
            server.get().close();
        }
    }

    private static Rig rig(int number) {
        return RIGS.get(Math.floorMod(number, 2));
    }

    private static Rig.Answer attest(Rig rig) {
        return rig.attest("SgxEnclave", Map.of("quote", QUOTE));
    }

    private static Rig.Answer setPolicy(Rig rig, long mark) {
        String policy = "version=1.0;\nauthorizationrules { => permit(); };\nissuancerules { => issue(type=\"mark\", value=" + mark + "); };";
        return rig.put(PATH, "text/plain", PolicyJws.unsigned(policy).jws().text(), rig.asAdmin());
    }

    private static void expectIntact(List<Receipt> receipts) throws Exception {
        LogKey key = LogKey.read(folder.resolve("log.key"));
        // A third instance, which was never asked for anything, reads the log.
        try (AttestationStore store = AttestationStore.open(StoreOptions.of(StoreLocation.parse(url()), key))) {
            assertThat(new LogVerifier(key.anchor()).verify(receipts, store.log()).intact()).isTrue();
        }
        Set<Long> places = new HashSet<>();
        receipts.forEach(each -> places.add(each.entry().sequence()));
        assertThat(places).as("places in the log").hasSameSizeAs(receipts);
    }

    @Test
    void aPolicyThatIsSetAtOneHoldsAtTheOtherForTheNextRequest() throws Exception {
        List<Receipt> receipts = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Rig.Answer set = setPolicy(rig(i), i);
            assertThat(set.status()).as(set.message()).isEqualTo(200);
            receipts.add(AttestTest.receipt(set));

            Rig.Answer answer = attest(rig(i + 1));
            assertThat(answer.claims().path("mark").longValue()).isEqualTo(i);
            receipts.add(AttestTest.receipt(answer));
        }
        expectIntact(receipts);
    }

    @Test
    void tokensOfEachAreVerifiedByTheKeysThatTheOtherPublishes() throws Exception {
        for (int i = 0; i < 2; i++) {
            byte[] keys = rig(i + 1).get("/certs").response().body();
            byte[] token = attest(rig(i)).token().getBytes(StandardCharsets.US_ASCII);

            assertThat(new Verifier().verify(
                            token, Endorsements.none(), Instant.now(), VerifierOptions.of(TokenIssuer.of(ISSUER, keys))))
                    .isInstanceOf(Verdict.Accepted.class);
        }
    }

    /** As at one instance, it may be sent again until it expires: what it shows is that the evidence is no older than it. */
    @Test
    void aNonceOfOneIsCurrentAtTheOther() {
        for (int i = 0; i < 2; i++) {
            String nonce = rig(i).post("/nonce", "application/json", "").body().path("nonce").stringValue("");
            String data = "{\"nonce\":\"" + nonce + "\"}";
            byte[] over = new byte[64];
            System.arraycopy(Bytes.sha256(data.getBytes(StandardCharsets.UTF_8)).toArray(), 0, over, 0, 32);
            byte[] quote = INTEL.sgxQuote(3, wish -> wish.body(FakeIntel.SGX_REPORTDATA, Bytes.of(over)));

            Rig.Answer answer = rig(i + 1).attest(
                    "SgxEnclave", Map.of("quote", Rig.base64(quote), "runtimeData", Rig.held(data, "JSON"), "nonce", nonce));

            assertThat(answer.claims().path("innerkeep").path("nonce-bound").booleanValue()).isTrue();
        }
    }

    @Test
    void requestsToBothAtOnceMakeOneLogInWhichEveryReceiptHolds() throws Exception {
        List<Receipt> receipts = new ArrayList<>();
        List<LogHead.Signed> heads = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
            List<Future<Receipt>> answers = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                Rig rig = rig(i);
                answers.add(threads.submit(() -> AttestTest.receipt(attest(rig))));
            }
            for (Future<Receipt> each : answers) {
                receipts.add(each.get());
                heads.add(each.get().head());
            }
        }
        expectIntact(receipts);
        // Two heads of one size are one head, whichever instance signed it.
        Map<Long, Bytes> roots = new HashMap<>();
        for (LogHead.Signed each : heads) {
            assertThat(roots.merge(each.head().size(), each.head().root(), (known, found) -> {
                assertThat(found).isEqualTo(known);
                return known;
            })).isEqualTo(each.head().root());
        }
        assertThat(rig(0).get("/log/head").response().body()).isEqualTo(rig(1).get("/log/head").response().body());
    }

    @Test
    void theOneGoesOnWhenTheOtherIsKilledUnderLoadAndNothingAcknowledgedIsLost() throws Exception {
        AtomicInteger failed = new AtomicInteger();
        List<Receipt> receipts = new ArrayList<>();
        ServiceProcess third = startProcess("third");
        try (Rig killed = Rig.of(third);
                ExecutorService threads = Executors.newFixedThreadPool(6)) {
            List<Future<List<Receipt>>> working = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                working.add(threads.submit(() -> untilItFails(killed, failed)));
                working.add(threads.submit(() -> attested(rig(0), 25)));
            }
            assertThat(attest(killed).status()).isEqualTo(200);
            Rig.Answer set = setPolicy(killed, 77);
            assertThat(set.status()).as(set.message()).isEqualTo(200);
            third.kill();
            for (Future<List<Receipt>> each : working) {
                receipts.addAll(each.get());
            }
            assertThat(failed.get()).as("those who asked the killed one").isEqualTo(3);
        }
        Rig.Answer after = attest(rig(0));
        assertThat(after.claims().path("mark").longValue()).isEqualTo(77);
        assertThat(setPolicy(rig(1), 78).status()).isEqualTo(200);
        try (ServiceProcess again = startProcess("third");
                Rig restarted = Rig.of(again)) {
            Rig.Answer answer = attest(restarted);
            assertThat(answer.claims().path("mark").longValue()).isEqualTo(78);
            receipts.add(AttestTest.receipt(answer));
        }
        expectIntact(receipts);
    }

    private static List<Receipt> attested(Rig rig, int count) throws Exception {
        List<Receipt> receipts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Rig.Answer answer = attest(rig);
            assertThat(answer.status()).as(answer.message()).isEqualTo(200);
            receipts.add(AttestTest.receipt(answer));
        }
        return receipts;
    }

    private static List<Receipt> untilItFails(Rig rig, AtomicInteger failed) throws Exception {
        List<Receipt> receipts = new ArrayList<>();
        while (true) {
            try {
                receipts.addAll(attested(rig, 1));
            } catch (UncheckedIOException e) {
                failed.incrementAndGet();
                return receipts;
            }
        }
    }
}
