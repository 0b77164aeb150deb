package org.innerkeep.inside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.innerkeep.attestation.RunningService;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.log.LogAnchor;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.session.Appraiser;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.channel.state.JournalStore;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.host.JournalFolder;
import org.innerkeep.host.VaultAccess;
import org.innerkeep.testing.MockEnclaves;
import org.innerkeep.testing.MockIdentity;
import org.innerkeep.testing.MockPlatform;
import org.innerkeep.testing.RunningEnclave;
import org.innerkeep.vault.VaultPart;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The service in an enclave of a mock platform, with a real host, real TLS and real clients. */
@Timeout(120)
class ServiceEnclaveTest {
    private static final String ADMIN_KEY = "an admin key that is long enough for this";
    private static final String TEXT = "the patients";
    private static final MockIdentity VAULT = MockIdentity.DEFAULT.withProduct(40);
    private static final MockIdentity READER = MockIdentity.DEFAULT.withProduct(41);

    @TempDir
    private Path folder;

    private final MockPlatform platform = new MockPlatform();

    @BeforeEach
    void settings() throws IOException {
        settings(VAULT, Map.of());
    }

    private void settings(MockIdentity of, Map<String, String> more) throws IOException {
        Path anchor = Files.writeString(folder.resolve("keeper.anchor"), platform.anchor().toString());
        Map<String, String> settings = new HashMap<>(Map.of(
                "issuer", "https://vault.example",
                "keeper-anchor", anchor.getFileName().toString(),
                "token-algorithm", "ES256",
                "admin-key-digest", Bytes.sha256(ADMIN_KEY.getBytes(StandardCharsets.UTF_8)).hex()));
        settings.putAll(more);
        ServedProgram.SETTINGS.put(of.productId(), ServiceConfiguration.of(settings).filesIn(folder));
    }

    private record Served(JournalFolder journal, RunningEnclave enclave, ServedInside.Report report) implements AutoCloseable {
        static Served of(JournalFolder journal, RunningEnclave enclave) {
            return new Served(journal, enclave, enclave.host().bind(ServedInside.class, Duration.ofMinutes(1)).report());
        }

        URI address() {
            return URI.create("https://localhost:" + enclave.address().getPort());
        }

        String location() {
            return address() + "#" + said("vault key");
        }

        String said(String word) {
            return report.lines().stream()
                    .filter(line -> line.startsWith(word))
                    .map(line -> line.substring(word.length()).strip())
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public void close() throws IOException {
            enclave.close();
            journal.close();
        }
    }

    private Served start(Path state) throws IOException {
        return start(state, VAULT);
    }

    private Served start(Path state, MockIdentity identity) throws IOException {
        JournalFolder journal = JournalFolder.open(state);
        RunningEnclave enclave =
                MockEnclaves.of(ServedProgram.class).on(platform).as(identity).offering(JournalStore.class, journal).start();
        return Served.of(journal, enclave);
    }

    private Served serving(Path state) throws IOException {
        Served served = start(state);
        assertThat(served.report().serving()).as(served.report().lines().toString()).isTrue();
        return served;
    }

    private void assertNotServing(Path state, MockIdentity identity, String why) throws IOException {
        try (Served served = start(state, identity)) {
            assertThat(served.report().serving()).isFalse();
            assertThat(served.report().lines()).singleElement().asString().contains(why);
        }
    }

    private static HttpResponse<String> ask(Served served, Trust trust, String method, String path, String type, String body)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(served.address().resolve(path))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + ADMIN_KEY)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", type);
        }
        try (HttpClient client = HttpClient.newBuilder().sslContext(trust.sslContext()).build()) {
            return client.send(request.build(), BodyHandlers.ofString());
        }
    }

    private static String owner(Served served, String method, String path, String body) throws Exception {
        HttpResponse<String> answer = ask(served, served.enclave().trust(), method, path, "application/json", body);
        assertThat(answer.statusCode()).as(method + " " + path + ": " + answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static String grant(Served served) throws Exception {
        String granted = owner(served, "POST", "/vault/keys/patients/grants", "{\"signer\":\"" + READER.signerId().hex()
                + "\",\"productId\":41,\"leastVersion\":1,\"platforms\":[\"mock\"],\"memoryReadableBy\":\"everyone\"}");
        Matcher id = Pattern.compile("\"id\":\"([0-9a-f]{32})\"").matcher(granted);
        assertThat(id.find()).as(granted).isTrue();
        return id.group(1);
    }

    private Path sealedFiles(Served served) throws Exception {
        String recipient = owner(served, "GET", "/vault/keys/patients/recipient", "").strip();
        Path files = Files.createDirectories(folder.resolve("sealed"));
        try (OutputStream out = Files.newOutputStream(files.resolve("patients.age"))) {
            SealedFile.seal(
                    new ByteArrayInputStream(TEXT.getBytes(StandardCharsets.UTF_8)),
                    out,
                    List.of(Recipient.parse(recipient)),
                    new SecureRandom());
        }
        return files;
    }

    private String read(Served served, Appraiser appraiser, Path files) throws IOException {
        VaultAccess access = VaultAccess.none().to(served.address(), appraiser).files(files);
        try (RunningEnclave reader = MockEnclaves.of(PatientsEnclave.class).on(platform).as(READER).carrying(access).start()) {
            return reader.host().bind(Patients.class, Duration.ofMinutes(1)).read(served.location());
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(to)) {
            for (Path each : files.toList()) {
                Files.delete(each);
            }
        }
        try (Stream<Path> files = Files.list(from)) {
            for (Path each : files.toList()) {
                Files.copy(each, to.resolve(each.getFileName()));
            }
        }
    }

    @Test
    void grantedEnclavesGetTheirFilesBeforeAndAfterARestartAndRevokedOnesDoNot() throws Exception {
        Path state = folder.resolve("state");
        String vaultKey;
        String logKey;
        String grant;
        Path files;
        try (Served vault = serving(state)) {
            owner(vault, "PUT", "/vault/keys/patients", "{}");
            grant = grant(vault);
            files = sealedFiles(vault);
            assertThat(read(vault, vault.enclave().trust(), files)).isEqualTo(TEXT);
            vaultKey = vault.said("vault key");
            logKey = vault.said("log key");
        }
        try (Served vault = serving(state)) {
            assertThat(vault.said("vault key")).isEqualTo(vaultKey);
            assertThat(vault.said("log key")).isEqualTo(logKey);
            assertThat(read(vault, vault.enclave().trust(), files)).isEqualTo(TEXT);
            owner(vault, "DELETE", "/vault/keys/patients/grants/" + grant, "");
            assertThat(read(vault, vault.enclave().trust(), files)).startsWith("REFUSED").contains("REVOKED");
        }
        try (Served vault = serving(state)) {
            assertThat(read(vault, vault.enclave().trust(), files)).startsWith("REFUSED").contains("REVOKED");
        }
    }

    @Test
    void theOtherInterfaceServesItsClientsAsWell() throws Exception {
        Path state = folder.resolve("state");
        try (Served vault = serving(state)) {
            HttpResponse<String> made = ask(vault, vault.enclave().trust(), "POST", "/keys/whole/create?api-version=2025-07-01",
                    "application/json", "{\"kty\":\"EC\",\"crv\":\"P-256\"}");
            assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
        }
        try (Served vault = serving(state)) {
            assertThat(owner(vault, "GET", "/keys/whole?api-version=2025-07-01", ""))
                    .contains("https://vault.example/keys/whole/");
        }
    }

    @Test
    void nothingIsSentToAVaultThatIsNotTheExpectedOne() throws Exception {
        try (Served vault = serving(folder.resolve("state"))) {
            Bytes signer = VAULT.signerId();
            List<Trust> wrong = List.of(
                    Trust.signer(signer, 40, 1).on(platform.anchor()),
                    Trust.signer(signer, 40, 2).on(platform.anchor()).allowMock(),
                    Trust.signer(signer, 39, 1).on(platform.anchor()).allowMock(),
                    Trust.signer(Bytes.sha256(new byte[1]), 40, 1).on(platform.anchor()).allowMock(),
                    Trust.measurement(READER.measurement()).on(platform.anchor()).allowMock(),
                    Trust.signer(signer, 40, 1).on(new MockPlatform().anchor()).allowMock());
            for (Trust each : wrong) {
                assertThatThrownBy(() -> ask(vault, each, "PUT", "/vault/keys/leaked", "application/json", "{}"))
                        .hasRootCauseInstanceOf(SessionRefusedException.class);
            }
            assertThat(ask(vault, vault.enclave().trust(), "GET", "/vault/keys/leaked", "", "").statusCode()).isEqualTo(404);
            // The host of another enclave does not speak to it either.
            owner(vault, "PUT", "/vault/keys/patients", "{}");
            grant(vault);
            Path files = sealedFiles(vault);
            assertThat(read(vault, wrong.get(4), files)).doesNotContain(TEXT).contains("evidence");
            assertThat(read(vault, vault.enclave().trust(), files)).isEqualTo(TEXT);
        }
    }

    @Test
    void withoutItsKeyNobodyChangesAnything() throws Exception {
        try (Served vault = serving(folder.resolve("state"));
                HttpClient client = HttpClient.newBuilder().sslContext(vault.enclave().trust().sslContext()).build()) {
            for (String key : List.of("", "Bearer " + Bytes.sha256(ADMIN_KEY.getBytes(StandardCharsets.UTF_8)).hex(),
                    "Bearer x")) {
                HttpRequest.Builder request = HttpRequest.newBuilder(vault.address().resolve("/vault/keys/mine"))
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString("{}"));
                if (!key.isEmpty()) {
                    request.header("Authorization", key);
                }
                assertThat(client.send(request.build(), BodyHandlers.discarding()).statusCode()).isEqualTo(401);
            }
        }
    }

    @Test
    void aStateThatWasPutBackCutOffChangedOrSwappedIsRefusedByName() throws Exception {
        Path state = folder.resolve("state");
        Path older = folder.resolve("older");
        serving(state).close();
        try (Served vault = serving(state)) {
            owner(vault, "PUT", "/vault/keys/patients", "{}");
            copy(state, older);
            owner(vault, "PUT", "/vault/keys/others", "{}");
        }
        assertNotServing(older, VAULT, "state OLDER");

        Path cut = folder.resolve("cut");
        copy(state, cut);
        Path chapter = chapter(cut);
        byte[] whole = Files.readAllBytes(chapter);
        Files.write(chapter, Arrays.copyOf(whole, whole.length - 1));
        assertNotServing(cut, VAULT, "state OLDER");

        byte[] changed = whole.clone();
        changed[whole.length / 2] ^= 1;
        Files.write(chapter, changed);
        assertNotServing(cut, VAULT, "state DAMAGED");

        assertNotServing(folder.resolve("empty"), VAULT, "state MISSING");

        MockIdentity other = VAULT.withSigner("another owner");
        ServedProgram.SETTINGS.put(other.productId(), ServedProgram.SETTINGS.get(VAULT.productId()));
        assertNotServing(state, other, "state NO_REGISTER");
        assertNotServing(state, VAULT.withDebug(true), "state NO_REGISTER");

        // Refusing changed nothing: the newest is taken.
        try (Served vault = serving(state)) {
            assertThat(owner(vault, "GET", "/vault/keys", "")).contains("patients").contains("others");
        }
    }

    private static Path chapter(Path state) throws IOException {
        try (Stream<Path> files = Files.list(state)) {
            return files.filter(file -> file.toString().endsWith(".journal")).findFirst().orElseThrow();
        }
    }

    @Test
    void twoVaultsOfOneSignerAreToldApartByTheirNames() throws Exception {
        serving(folder.resolve("one")).close();
        settings(VAULT, Map.of("enclave-name", "other"));
        serving(folder.resolve("two")).close();
        assertNotServing(folder.resolve("one"), VAULT, "state ");
        serving(folder.resolve("two")).close();
        settings(VAULT, Map.of());
        assertNotServing(folder.resolve("two"), VAULT, "state ");
        serving(folder.resolve("one")).close();
    }

    @Test
    void ofTwoAtTheSameTimeOneServes() throws Exception {
        Path state = folder.resolve("state");
        Path copied = folder.resolve("copied");
        try (Served vault = serving(state)) {
            copy(state, copied);
            assertNotServing(copied, VAULT, "state HELD");
            owner(vault, "PUT", "/vault/keys/patients", "{}");
        }
        assertNotServing(copied, VAULT, "state OLDER");
    }

    @Test
    void anOlderVersionDoesNotGoOnWithWhatANewerOneKept() throws Exception {
        Path state = folder.resolve("state");
        serving(state).close();
        try (Served newer = start(state, VAULT.withSecurityVersion(2))) {
            assertThat(newer.report().serving()).as(newer.report().lines().toString()).isTrue();
        }
        assertNotServing(state, VAULT, "state NEWER_VERSION");
    }

    @Test
    void anOlderStateThatIsAcceptedKnowinglyHasEveryKeyDisabled() throws Exception {
        Path state = folder.resolve("state");
        Path older = folder.resolve("older");
        try (Served vault = serving(state)) {
            owner(vault, "PUT", "/vault/keys/patients", "{}");
            grant(vault);
            copy(state, older);
            owner(vault, "PUT", "/vault/keys/others", "{}");
        }
        settings(VAULT, Map.of("enclave-accept-state", refusedName(older)));
        try (Served vault = serving(older)) {
            assertThat(owner(vault, "GET", "/vault/keys/patients", "")).contains("\"enabled\":false");
            assertThat(ask(vault, vault.enclave().trust(), "GET", "/vault/keys/patients/recipient", "", "").statusCode())
                    .isEqualTo(404);
            assertThat(owner(vault, "GET", "/vault", "")).contains("\"epoch\":" + (1 + (1 << 20)));
        }
        settings(VAULT, Map.of());
        serving(older).close();
        assertNotServing(state, VAULT, "state O");
    }

    @Test
    void whenThePlatformIsLostWhoeverIsNamedAsRecoveryOpensTheStateWithEveryKeyDisabled() throws Exception {
        Path state = folder.resolve("state");
        try (Identity owner = Identity.generate(new SecureRandom());
                Identity stranger = Identity.generate(new SecureRandom())) {
            settings(VAULT, Map.of("enclave-recovery", owner.recipient().toString()));
            String vaultKey;
            LogAnchor logKey;
            try (Served vault = serving(state)) {
                owner(vault, "PUT", "/vault/keys/patients", "{}");
                vaultKey = vault.said("vault key");
                logKey = LogAnchor.parse(owner(vault, "GET", "/log/key", "").strip());
            }
            Path recovered = folder.resolve("recovered");
            Path nothing = folder.resolve("nothing");
            LogAnchor anothers = LogKey.generate().anchor();
            try (JournalFolder journal = JournalFolder.open(state)) {
                assertThatThrownBy(() -> StateRecovery.recover(journal, "service", List.of(stranger), logKey, nothing))
                        .isInstanceOf(IOException.class);
                assertThatThrownBy(() -> StateRecovery.recover(journal, "another", List.of(owner), logKey, nothing))
                        .isInstanceOf(IOException.class);
                assertThatThrownBy(() -> StateRecovery.recover(journal, "service", List.of(owner), anothers, nothing))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("log key");
                assertThat(nothing).doesNotExist();
                Path open = Files.createDirectory(folder.resolve("open"),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
                assertThatThrownBy(() -> StateRecovery.recover(journal, "service", List.of(owner), logKey, open))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("700");
                StateRecovery.recover(journal, "service", List.of(owner), logKey, recovered);
                assertThatThrownBy(() -> StateRecovery.recover(journal, "service", List.of(owner), logKey, recovered))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("empty");
            }
            Map<String, String> outside = new HashMap<>(Map.of(
                    "folder", recovered.toString(), "listen", "127.0.0.1:0", "plain-http", "true", "issuer",
                            "https://vault.example",
                    "token-algorithm", "ES256", "vault-master-key-change", "true", "vault-restored", "true",
                    "vault-previous-enclave-key-file", recovered.resolve(StateRecovery.ENCLAVE_KEY).toString()));
            assertOutside(outside, vaultKey);
            // The key of the enclave is needed once.
            Files.delete(recovered.resolve(StateRecovery.ENCLAVE_KEY));
            List.of("vault-master-key-change", "vault-restored", "vault-previous-enclave-key-file").forEach(outside::remove);
            assertOutside(outside, vaultKey);
        }
    }

    private static void assertOutside(Map<String, String> settings, String vaultKey) throws Exception {
        try (RunningService service = RunningService.start(
                        ServiceConfiguration.of(settings), RunningService.Clocks.ofSystem(), List.of(new VaultPart()));
                HttpClient client = HttpClient.newHttpClient()) {
            assertThat(service.said()).anyMatch(line -> line.contains(vaultKey));
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + service.port()
                    + "/vault/keys/patients"))
                    .header("Authorization", "Bearer " + Files.readString(service.adminKeyFile().orElseThrow()).strip());
            assertThat(client.send(request.build(), BodyHandlers.ofString()).body()).contains("\"enabled\":false");
        }
    }

    /** What a refusal says that can be accepted. */
    private String refusedName(Path state) throws IOException {
        try (Served vault = start(state)) {
            String refused = vault.report().lines().getFirst();
            Matcher accept = Pattern.compile("enclave-accept-state=([0-9]+:[0-9a-f]{64})").matcher(refused);
            assertThat(accept.find()).as(refused).isTrue();
            return accept.group(1);
        }
    }

    /** A host that does its part so often, and then no more. */
    private record Stopping(JournalStore journal, AtomicInteger left, boolean afterwards) implements JournalStore {
        @Override
        public List<Chapter> chapters() {
            return journal.chapters();
        }

        @Override
        public Optional<byte[]> read(long chapter, int index) {
            return journal.read(chapter, index);
        }

        @Override
        public void append(long chapter, int index, byte[] sealed) {
            int now = left.getAndDecrement();
            if (now > 0 || (now == 0 && afterwards)) {
                journal.append(chapter, index, sealed);
            }
            if (now <= 0) {
                throw new IllegalStateException("the disk is full");
            }
        }

        @Override
        public void discard(long before) {
            journal.discard(before);
        }
    }

    @Test
    void whereverAHostStopsTheStartThatAcceptsAnOlderStateNoRevokedGrantHoldsAgain() throws Exception {
        Path state = folder.resolve("state");
        Path older = folder.resolve("older");
        try (Served vault = serving(state)) {
            owner(vault, "PUT", "/vault/keys/patients", "{}");
            String grant = grant(vault);
            copy(state, older);
            owner(vault, "DELETE", "/vault/keys/patients/grants/" + grant, "");
        }
        settings(VAULT, Map.of("enclave-accept-state", refusedName(older)));
        boolean through = false;
        for (int stop = 0; !through; stop++) {
            assertThat(stop).as("an accepted start has few writes").isLessThan(12);
            JournalFolder journal = JournalFolder.open(older);
            Stopping host = new Stopping(journal, new AtomicInteger(stop / 2), stop % 2 == 1);
            RunningEnclave enclave = MockEnclaves.of(ServedProgram.class).on(platform).as(VAULT)
                    .offering(JournalStore.class, host).start();
            try (Served vault = Served.of(journal, enclave)) {
                through = vault.report().serving() && host.left().get() >= 0;
            }
        }
        // As the operator goes on: with the ordinary bundle.
        settings(VAULT, Map.of());
        try (Served vault = serving(older)) {
            assertThat(owner(vault, "GET", "/vault/keys/patients", "")).contains("\"enabled\":false");
            assertThat(owner(vault, "GET", "/vault", "")).contains("\"epoch\":" + (1 + (1 << 20)));
        }
    }

    @Test
    void aStateThatSomebodyMadeUpWhoKnowsToWhomItIsSealedIsNotRecovered() throws Exception {
        try (Identity owner = Identity.generate(new SecureRandom());
                Secrets made = Secrets.make(new SecureRandom());
                JournalFolder journal = JournalFolder.open(folder.resolve("made-up"))) {
            // The recipient is in the bundle, for everybody to read.
            ChapterRecords.Sealer anybody = new ChapterRecords.Sealer() {
                @Override
                public ChapterRecords.Sealed seal(byte[] plaintext) throws IOException {
                    ByteArrayOutputStream out = new ByteArrayOutputStream();
                    SealedFile.seal(new ByteArrayInputStream(plaintext), out, List.of(owner.recipient()), new SecureRandom());
                    return new ChapterRecords.Sealed(new byte[64], out.toByteArray());
                }

                @Override
                public byte[] unseal(ChapterRecords.Sealed sealed) {
                    throw new IllegalStateException("only the enclave does");
                }
            };
            ChapterRecords chapter = ChapterRecords.make(
                    "service", 7, new Carried(made.encode(), Bytes.EMPTY, Outside.SETTINGS), new SecureRandom());
            byte[] beginning = chapter.beginning(JournalReader.NOTHING_BEFORE, anybody);
            journal.append(7, 0, beginning);
            journal.append(7, 1, chapter.piece(
                    1, Bytes.sha256(beginning), new ChapterRecords.Piece(ChapterRecords.Kind.IMAGE, true, new byte[0])));
            LogAnchor pinned = LogKey.generate().anchor();
            assertThatThrownBy(() -> StateRecovery.recover(journal, "service", List.of(owner), pinned, folder.resolve("nothing")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("made it up");
            assertThat(folder.resolve("nothing")).doesNotExist();
            // And it is that alone: whoever pins what the host says gets what the host made.
            StateRecovery.recover(journal, "service", List.of(owner), made.logKey().anchor(), folder.resolve("something"));
        }
    }

    @Test
    void settingsThatWereReplacedDoNotOpenTheStateAgain() throws Exception {
        Path state = folder.resolve("state");
        try (Identity leaked = Identity.generate(new SecureRandom())) {
            settings(VAULT, Map.of("enclave-recovery", leaked.recipient().toString()));
            serving(state).close();
            settings(VAULT, Map.of());
            assertNotServing(state, VAULT, "state SETTINGS");
            try (Served newer = start(state, VAULT.withSecurityVersion(2))) {
                assertThat(newer.report().serving()).as(newer.report().lines().toString()).isTrue();
            }
            settings(VAULT, Map.of("enclave-recovery", leaked.recipient().toString()));
            assertNotServing(state, VAULT, "state NEWER_VERSION");
            assertNotServing(state, VAULT.withSecurityVersion(2), "state SETTINGS");
        }
    }

    @Test
    void aGrantThatFailedAndWasSeenToBeAbsentIsAbsentAfterARestart() throws Exception {
        Path state = folder.resolve("state");
        JournalFolder journal = JournalFolder.open(state);
        AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
        Path files;
        RunningEnclave enclave = MockEnclaves.of(ServedProgram.class).on(platform).as(VAULT)
                .offering(JournalStore.class, new Stopping(journal, left, true)).start();
        try (Served vault = Served.of(journal, enclave)) {
            owner(vault, "PUT", "/vault/keys/patients", "{}");
            files = sealedFiles(vault);
            left.set(0);
            String body = "{\"signer\":\"" + READER.signerId().hex()
                    + "\",\"productId\":41,\"leastVersion\":1,\"platforms\":[\"mock\"],\"memoryReadableBy\":\"everyone\"}";
            assertThat(ask(vault, vault.enclave().trust(), "POST", "/vault/keys/patients/grants", "application/json", body)
                    .statusCode()).isGreaterThanOrEqualTo(500);
            // Still nobody knows, so nobody is told.
            assertThat(ask(vault, vault.enclave().trust(), "GET", "/vault/keys/patients", "", "").statusCode()).isEqualTo(503);
            ServedInside told = vault.enclave().host().bind(ServedInside.class, Duration.ofMinutes(1));
            assertThat(told.standing()).isEqualTo(ServedInside.Standing.FAILING);
            left.set(Integer.MAX_VALUE);
            Thread.sleep(200);
            assertThat(owner(vault, "GET", "/vault/keys/patients", "")).contains("\"grants\":[]");
            owner(vault, "PUT", "/vault/keys/others", "{}");
            assertThat(told.standing()).isEqualTo(ServedInside.Standing.SERVING);
        }
        try (Served vault = serving(state)) {
            assertThat(owner(vault, "GET", "/vault/keys/patients", "")).contains("\"grants\":[]");
            assertThat(read(vault, vault.enclave().trust(), files)).startsWith("REFUSED");
        }
    }

    @Test
    void aStateThatNamesNobodyAsRecoveryIsOpenedByNobody() throws Exception {
        Path state = folder.resolve("state");
        serving(state).close();
        try (Identity anybody = Identity.generate(new SecureRandom());
                JournalFolder journal = JournalFolder.open(state)) {
            LogAnchor any = LogKey.generate().anchor();
            assertThatThrownBy(() -> StateRecovery.recover(journal, "service", List.of(anybody), any, folder.resolve("nothing")))
                    .isInstanceOf(IOException.class);
            assertThat(folder.resolve("nothing")).doesNotExist();
        }
    }

    @Test
    void settingsThatHaveNoMeaningInAnEnclaveAreRefused() throws Exception {
        for (String each : List.of("folder", "store", "tls-key", "admin-key-file", "fetch", "vault-master-key", "vault-restored",
                "attester")) {
            settings(VAULT, Map.of(each, "true"));
            assertNotServing(folder.resolve("state"), VAULT, each);
        }
        settings(VAULT, Map.of("enclave-name", "No Name"));
        assertNotServing(folder.resolve("state"), VAULT, "enclave-name");
    }

    @Test
    void aHostThatDoesNotSayWhatItKeepsIsToldSoByAnEnclaveThatLives() throws Exception {
        JournalFolder journal = JournalFolder.open(folder.resolve("state"));
        JournalStore silent = new JournalStore() {
            @Override
            public List<Chapter> chapters() {
                throw new IllegalStateException("for the test");
            }

            @Override
            public Optional<byte[]> read(long chapter, int index) {
                return journal.read(chapter, index);
            }

            @Override
            public void append(long chapter, int index, byte[] sealed) {
                journal.append(chapter, index, sealed);
            }

            @Override
            public void discard(long before) {
                journal.discard(before);
            }
        };
        RunningEnclave enclave =
                MockEnclaves.of(ServedProgram.class).on(platform).as(VAULT).offering(JournalStore.class, silent).start();
        try (Served vault = Served.of(journal, enclave)) {
            assertThat(vault.report().serving()).isFalse();
            assertThat(vault.report().lines()).singleElement().asString().contains("the host does not give what it keeps");
            assertThat(vault.enclave().host().bind(ServedInside.class, Duration.ofMinutes(1)).standing())
                    .isEqualTo(ServedInside.Standing.NOT_SERVING);
        }
    }

    @Test
    void aStoreThatGoesNoFurtherIsOver() {
        assertThat(ServiceEnclave.standing(Optional.empty())).isEqualTo(ServedInside.Standing.SERVING);
        for (StoreException.Code each : StoreException.Code.values()) {
            boolean over = Set.of(StoreException.Code.CORRUPT, StoreException.Code.ROLLED_BACK, StoreException.Code.CLOSED)
                    .contains(each);
            assertThat(ServiceEnclave.standing(Optional.of(each)))
                    .isEqualTo(over ? ServedInside.Standing.OVER : ServedInside.Standing.FAILING);
        }
    }

    /** They all come from the runtime's end of TLS. */
    @Test
    void eachConnectionOfAStrangerMayAskSoOftenAndNoMore() throws Exception {
        try (Served vault = serving(folder.resolve("state"));
                HttpClient stranger = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .sslContext(vault.enclave().trust().sslContext())
                        .build()) {
            HttpRequest request = HttpRequest.newBuilder(vault.address().resolve("/vault")).build();
            int refused = 0;
            for (int i = 0; i < 1000 && refused == 0; i++) {
                refused += stranger.send(request, BodyHandlers.discarding()).statusCode() == 429 ? 1 : 0;
            }
            assertThat(refused).isOne();
            owner(vault, "PUT", "/vault/keys/patients", "{}");
        }
    }

    @Test
    void whatTheHostKeepsShowsNothingOfWhatIsInside() throws Exception {
        Path state = folder.resolve("state");
        try (Served vault = serving(state)) {
            owner(vault, "PUT", "/vault/keys/patients", "{}");
            grant(vault);
        }
        try (Stream<Path> files = Files.list(state)) {
            for (Path each : files.toList()) {
                String text = Files.readString(each, StandardCharsets.ISO_8859_1);
                assertThat(text).doesNotContain("patients").doesNotContain("vault").doesNotContain("SQLite")
                        .doesNotContain("INSERT");
            }
        }
    }
}
