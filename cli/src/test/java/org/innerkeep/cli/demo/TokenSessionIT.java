package org.innerkeep.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.innerkeep.attestation.AttestationType;
import org.innerkeep.attestation.DefaultPolicies;
import org.innerkeep.attestation.Pem;
import org.innerkeep.attestation.RunningService;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;
import org.innerkeep.channel.session.Appraiser.Purpose;
import org.innerkeep.channel.session.AttestedSession;
import org.innerkeep.channel.session.Attester;
import org.innerkeep.channel.session.SessionKey;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.cli.demo.MiddleMan.Question;
import org.innerkeep.cli.demo.probe.ForClients;
import org.innerkeep.cli.demo.probe.ForHost;
import org.innerkeep.cli.demo.probe.Probe;
import org.innerkeep.cli.demo.probe.ProbeException;
import org.innerkeep.client.Client;
import org.innerkeep.client.TokenService;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.examples.hello.Greeting;
import org.innerkeep.examples.hello.HelloClientByToken;
import org.innerkeep.examples.hello.HelloEnclave;
import org.innerkeep.makers.FakeIntel;
import org.innerkeep.makers.FakeTokenService;
import org.innerkeep.makers.FakeTokenService.Algorithm;
import org.innerkeep.packing.Packing;
import org.innerkeep.testing.ProcessEnclaves;
import org.innerkeep.testing.RunningEnclave;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A relying party that lets a running attestation service decide about real enclaves in processes of their own, all through sockets; and
 * a man in the middle between the two, whom the party's TLS takes for the service.
 */
final class TokenSessionIT {
    private static final String OPEN = "version=1.0;authorizationrules{=>permit();};issuancerules{};";

    @TempDir
    private static Path folder;

    private static ProcessEnclaves keeper;
    private static SigningKey developer;
    private static RunningEnclave probe;
    private static RunningEnclave other;
    private static RunningEnclave debug;
    private static RunningService service;
    private static SSLContext toService;
    private static X509Certificate serviceCertificate;
    private static TokenIssuer issuer;
    private static MiddleMan middle;

    @BeforeAll
    static void startEverything() throws Exception {
        developer = SigningKey.generate(SignerKey.Algorithm.P256);
        keeper = ProcessEnclaves.open();
        probe = keeper.start(pack("probe", 2, false), Map.of());
        other = keeper.start(pack("other", 3, false), Map.of());
        debug = keeper.start(pack("debug", 2, true), Map.of());
        service = service("service", true, Map.of());
        serviceCertificate = Pem.certificates(service.trialCertificate().orElseThrow()).getFirst();
        toService = pinned(serviceCertificate);
        issuer = issuer(service, toService);
        middle = new MiddleMan(address(service), toService);
    }

    @AfterAll
    static void endEverything() throws Exception {
        for (AutoCloseable each : Arrays.asList(middle, service, debug, other, probe, keeper)) {
            if (each != null) {
                each.close();
            }
        }
    }

    @AfterEach
    void policyAndMiddleManAsTheyWere() throws Exception {
        service.service().administration().resetPolicy(AttestationType.EVIDENCE, "eyJhbGciOiJub25lIn0..", "test");
        middle.plays(middle::honest);
    }

    private static Path pack(String name, int svn, boolean debug) throws Exception {
        Path jar = Built.jar(
                folder.resolve(name + ".jar"),
                List.of(Probe.class, ForHost.class, ForClients.class, ProbeException.class, ProbeException.Detail.class));
        Path properties = Files.writeString(
                folder.resolve(name + ".properties"),
                """
                name = %s
                program = %s
                product = 7
                svn = %d
                debug = %s
                heap = 48m
                host-interfaces = %s
                client-interfaces = %s
                """
                        .formatted(name, Probe.class.getName(), svn, debug, ForHost.class.getName(), ForClients.class.getName()));
        Path bundle = folder.resolve(name + ".enclave");
        Packing.prepare(properties, List.of(jar)).packer().write(bundle, developer);
        return bundle;
    }

    private static RunningService service(String name, boolean pinsTheKeeper, Map<String, String> more) throws Exception {
        Map<String, String> settings = new LinkedHashMap<>(more);
        settings.put("folder", folder.resolve(name).toString());
        settings.put("listen", "127.0.0.1:" + freePort());
        if (pinsTheKeeper) {
            settings.put(
                    "keeper-anchor", Files.writeString(folder.resolve("keeper.anchor"), probe.anchor().toString()).toString());
        }
        return RunningService.start(ServiceConfiguration.of(settings), RunningService.Clocks.ofSystem());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static URI address(RunningService running) {
        return URI.create("https://localhost:" + running.port());
    }

    private static SSLContext pinned(X509Certificate certificate) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("service", certificate);
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    private static TokenIssuer issuer(RunningService running, SSLContext tls) throws Exception {
        byte[] keys = get(running, tls, "/certs").getBytes(StandardCharsets.UTF_8);
        return TokenIssuer.of(running.service().settings().issuer(), keys);
    }

    private static String get(String path) throws Exception {
        return get(service, toService, path);
    }

    private static String get(RunningService running, SSLContext tls, String path) throws Exception {
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
            return client.send(HttpRequest.newBuilder(address(running).resolve(path)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    /** Whoever lets the service decide. Keeper and host are this test's process, and reports say so. */
    private static Trust trust() {
        return agreed(TokenService.at(address(service), issuer, serviceCertificate)).allowSameUser();
    }

    /** What the developer signed, by whichever service. */
    private static Trust agreed(TokenService decides) {
        return Trust.token(decides).andSigner(signer(), 7, 2);
    }

    private static Trust trustThroughTheMiddle() {
        return agreed(TokenService.at(middle.address(), issuer, middle.authority())).allowSameUser();
    }

    private static Bytes signer() {
        return Bytes.of(developer.publicKey().id().toArray());
    }

    private static void setPolicy(String policy) throws Exception {
        Base64.Encoder url = Base64.getUrlEncoder().withoutPadding();
        String inner = url.encodeToString(policy.getBytes(StandardCharsets.UTF_8));
        String payload = url.encodeToString(("{\"AttestationPolicy\":\"" + inner + "\"}").getBytes(StandardCharsets.UTF_8));
        service.service().administration().setPolicy(AttestationType.EVIDENCE, "eyJhbGciOiJub25lIn0." + payload + ".", "test");
    }

    private static SessionRefusedException refused(RunningEnclave enclave, Trust trust) {
        SessionRefusedException refusal =
                catchThrowableOfType(SessionRefusedException.class, () -> enclave.connect(trust).close());
        assertThat(refusal).isNotNull();
        return refusal;
    }

    private static Set<Code> codes(SessionRefusedException refusal) {
        return refusal.refusal().reasons().stream().map(Reason::code).collect(Collectors.toSet());
    }

    /** How many decisions and changes the service has in its log. */
    private static long decided() throws IOException {
        return service.service().log().head().map(signed -> signed.head().size()).orElse(0L);
    }

    @Test
    void theServiceDecidesAndTheSessionIsAsGoodAsOneOverEvidence() throws Exception {
        long before = decided();
        try (Client client = probe.connect(trust())) {
            assertThat(client.bind(ForClients.class).square(12)).isEqualTo(144);
            assertThat(client.claims().kind()).isEqualTo("token");
            assertThat(client.claims().platform()).isEqualTo("process");
            assertThat(client.claims().signer()).hasValue(signer());
            assertThat(client.claims().text("attested-kind")).hasValue("keeper-report");
            assertThat(client.claims().text("attested-anchor")).hasValue(probe.anchor().id().hex());
            assertThat(client.claims().text("vouched-by")).hasValue(issuer.issuer());
            try (Client direct = probe.connect()) {
                assertThat(client.claims().measurement()).isEqualTo(direct.claims().measurement());
                assertThat(client.claims().text("enclave-id")).isEqualTo(direct.claims().text("enclave-id"));
                assertThat(client.claims().text("runtime-digest")).isEqualTo(direct.claims().text("runtime-digest"));
            }
        }
        // The certificate's evidence and the session's, each in the service's log.
        assertThat(decided()).isEqualTo(before + 2);
        // And what it permits, the relying party still measures by its own.
        assertThat(codes(refused(probe, trust().andSigner(signer(), 7, 3)))).containsExactly(Code.SVN_TOO_LOW);
    }

    @Test
    void theExamplesClientGreetsThroughTheService() throws Exception {
        Path jar = Built.jar(folder.resolve("hello.jar"), List.of(HelloEnclave.class, Greeting.class));
        Path properties = Files.writeString(
                folder.resolve("hello.properties"),
                "name = hello\nprogram = %s\nproduct = 1\nsvn = 1\nheap = 32m\nclient-interfaces = %s\n"
                        .formatted(HelloEnclave.class.getName(), Greeting.class.getName()));
        Path bundle = folder.resolve("hello.enclave");
        Packing.prepare(properties, List.of(jar)).packer().write(bundle, developer);
        try (RunningEnclave hello = keeper.start(bundle, Map.of())) {
            assertThat(HelloClientByToken.greet(hello.address(), address(service), issuer, serviceCertificate, signer(), "Ada"))
                    .isEqualTo("Hello, Ada, from inside");
        }
    }

    @Test
    void theCommandVerifiesAnEnclaveByTheService() throws Exception {
        Path keys = Files.writeString(folder.resolve("keys.json"), get("/certs"));
        String host = probe.address().getHostString() + ":" + probe.address().getPort();
        List<String> arguments = List.of(
                "verify", host, "--attestation-service", address(service).toString(), "--token-keys", keys.toString(), "--service-tls",
                service.trialCertificate().orElseThrow().toString(), "--allow-same-user", "--policy-hash", defaultPolicyHash());

        Outcome trusted = command(arguments);
        assertThat(trusted.said()).contains("trusted").contains("attested-kind").contains("keeper-report");
        assertThat(trusted.exitCode()).isZero();

        Outcome anything = command(arguments.subList(0, arguments.size() - 2));
        assertThat(anything.said()).contains("say which code");
        assertThat(anything.exitCode()).isEqualTo(2);

        List<String> newer = new ArrayList<>(arguments);
        newer.addAll(List.of("--signer", signer().hex(), "--product", "7", "--svn", "3"));
        Outcome refused = command(newer);
        assertThat(refused.said()).contains("SVN_TOO_LOW");
        assertThat(refused.exitCode()).isEqualTo(1);

        setPolicy("version=1.0;authorizationrules{[type==\"security-version\", value>=3]=>permit();};issuancerules{};");
        assertThat(command(arguments).said()).contains("SERVICE_REFUSED").contains("PolicyEvaluationError");
        setPolicy(OPEN);
        assertThat(command(arguments).said()).contains("CLAIM_MISMATCH token.x-ms-policy-hash");
    }

    private static String defaultPolicyHash() {
        return PolicyJws.hash(DefaultPolicies.of(AttestationType.EVIDENCE));
    }

    @Test
    void whoeverAgreesOnNoCodeTrustsNoEnclaveWhateverTheServiceSays() throws Exception {
        long before = decided();
        Trust anything = Trust.token(TokenService.at(address(service), issuer, serviceCertificate)).allowSameUser();

        assertThat(codes(refused(probe, anything))).containsExactly(Code.CODE_NOT_AGREED);
        assertThat(decided()).isEqualTo(before);
    }

    private record Outcome(int exitCode, String said) {}

    private static Outcome command(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.innerkeep.cli.Main"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), said);
    }

    @Test
    void aPolicysRefusalIsShownAsTheServiceExplainsIt() throws Exception {
        setPolicy("version=1.0;authorizationrules{[type==\"security-version\", value>=3]=>permit();};issuancerules{};");

        SessionRefusedException refusal = refused(probe, trust());

        assertThat(refusal.purpose()).isEqualTo(Purpose.CERTIFICATE);
        assertThat(codes(refusal)).containsExactly(Code.SERVICE_REFUSED);
        assertThat(refusal).hasMessageContaining("PolicyEvaluationError").hasMessageContaining("security-version");
        other.connect(trust()).close();
    }

    @Test
    void aDebugEnclaveThatTheServicesPolicyPermitsIsRefusedByTheFloor() throws Exception {
        assertThat(codes(refused(debug, trust()))).containsExactly(Code.SERVICE_REFUSED);
        setPolicy(OPEN);

        SessionRefusedException refusal = refused(debug, trust());

        assertThat(codes(refusal)).containsExactly(Code.DEBUG_ENCLAVE);
        debug.connect(trust().allowDebug()).close();
    }

    @Test
    void anEnclaveThatSharesItsUserIsRefusedWhateverTheServiceSays() throws Exception {
        setPolicy(OPEN);
        Trust strict = agreed(TokenService.at(address(service), issuer, serviceCertificate));

        assertThat(codes(refused(probe, strict))).containsExactly(Code.ISOLATION_SAME_USER);
    }

    @Test
    void aKeeperThatTheServiceDoesNotPinIsRefusedWithItsReason() throws Exception {
        try (RunningService strict = service("strict", false, Map.of())) {
            X509Certificate certificate = Pem.certificates(strict.trialCertificate().orElseThrow()).getFirst();
            TokenIssuer of = issuer(strict, pinned(certificate));

            SessionRefusedException refusal = refused(probe, agreed(TokenService.at(address(strict), of, certificate)));

            assertThat(codes(refusal)).containsExactly(Code.SERVICE_REFUSED);
            assertThat(refusal).hasMessageContaining("ANCHOR_NOT_PINNED");
        }
    }

    @Test
    void quotesOfHardwareAreDecidedByTheServiceWithItsEndorsements() throws Exception {
        FakeIntel intel = FakeIntel.at(Instant.now());
        Path root = Files.writeString(folder.resolve("intel.pem"), Pem.block("CERTIFICATE", intel.root().certificate().getEncoded()));
        Path endorsements = Files.createDirectory(folder.resolve("endorsements"));
        List<Bytes> documents = intel.collateral();
        for (int i = 0; i < documents.size(); i++) {
            Files.write(endorsements.resolve("document-" + i), documents.get(i).toArray());
        }
        Attester enclave = reportData -> intel.sgxQuote(3, wish -> wish.body(FakeIntel.SGX_REPORTDATA, Bytes.of(reportData)));
        try (RunningService hardware = service(
                        "hardware", false, Map.of("root-intel", root.toString(), "endorsements", endorsements.toString()));
                ServerSocketChannel host =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            X509Certificate certificate = Pem.certificates(hardware.trialCertificate().orElseThrow()).getFirst();
            Trust trust = Trust.token(TokenService.at(address(hardware), issuer(hardware, pinned(certificate)), certificate)
                    .policyHash(Bytes.of(Base64.getUrlDecoder().decode(defaultPolicyHash()))));
            SessionKey key = SessionKey.create(enclave, new SecureRandom());
            Thread.startVirtualThread(() -> {
                try (AttestedSession session = AttestedSession.accept(host.accept(), key, enclave, Duration.ofSeconds(30))) {
                    session.input().read();
                } catch (IOException e) {
                    // The client sees that nobody answers.
                }
            });

            try (Client client = Client.connect((InetSocketAddress) host.getLocalAddress(), trust)) {
                assertThat(client.claims().platform()).isEqualTo("sgx");
                assertThat(client.claims().text("attested-kind")).hasValue("sgx-quote");
                assertThat(client.claims().text("tcb-status")).hasValue("UpToDate");
                assertThat(client.claims().measurement()).isPresent();
            }
        }
    }

    @Test
    void aServiceWhoseTlsIsNotPinnedIsNotAsked() {
        Trust wrong = agreed(TokenService.at(address(service), issuer, middle.authority())).allowSameUser();

        assertThat(codes(refused(probe, wrong))).containsExactly(Code.SERVICE_UNAVAILABLE);
    }

    @Test
    void aServiceThatIsDownIsARefusal() throws Exception {
        URI nobody = URI.create("https://localhost:" + freePort());
        Trust down = agreed(TokenService.at(nobody, issuer, serviceCertificate)).allowSameUser();

        assertThat(codes(refused(probe, down))).containsExactly(Code.SERVICE_UNAVAILABLE);
    }

    @Test
    void theManInTheMiddleCanPassOnWhatIsSaid() throws Exception {
        try (Client client = probe.connect(trustThroughTheMiddle())) {
            assertThat(client.bind(ForClients.class).square(3)).isEqualTo(9);
        }
    }

    @Test
    void theTokenOfAnotherSessionIsRefused() throws Exception {
        int begin = middle.tokens().size();
        probe.connect(trustThroughTheMiddle()).close();
        List<String> kept = List.copyOf(middle.tokens().subList(begin, begin + 2));
        int[] next = {0};
        middle.plays(question -> kept.get(next[0]++));
        assertThat(codes(refused(probe, trustThroughTheMiddle()))).contains(Code.NONCE_MISMATCH);

        // Only for the fresh evidence: that of the certificate is the same in each session, and is asked honestly.
        int[] asked = {0};
        middle.plays(question -> asked[0]++ == 0 ? middle.honest(question) : kept.get(1));
        SessionRefusedException refusal = refused(probe, trustThroughTheMiddle());
        assertThat(refusal.purpose()).isEqualTo(Purpose.SESSION);
        assertThat(codes(refusal)).contains(Code.NONCE_MISMATCH);
    }

    @Test
    void theEvidenceOfAnotherSessionUnderTheRightNonceIsRefused() throws Exception {
        int begin = middle.questions().size();
        probe.connect(trustThroughTheMiddle()).close();
        Bytes fresh = middle.questions().get(begin + 1).evidence();
        int[] asked = {0};
        middle.plays(question ->
                asked[0]++ == 0 ? middle.honest(question) : middle.honest(new Question(fresh, question.nonce())));

        SessionRefusedException refusal = refused(probe, trustThroughTheMiddle());

        assertThat(refusal.purpose()).isEqualTo(Purpose.SESSION);
        assertThat(codes(refusal)).containsExactly(Code.REPORT_DATA_MISMATCH);
    }

    @Test
    void theEvidenceOfAnotherEnclaveUnderTheRightNonceIsRefused() throws Exception {
        int begin = middle.questions().size();
        other.connect(trustThroughTheMiddle()).close();
        List<Question> ofOther = List.copyOf(middle.questions().subList(begin, begin + 2));
        int[] asked = {0};
        middle.plays(question -> middle.honest(new Question(ofOther.get(asked[0]++).evidence(), question.nonce())));

        SessionRefusedException refusal = refused(probe, trustThroughTheMiddle());

        assertThat(refusal.purpose()).isEqualTo(Purpose.CERTIFICATE);
        assertThat(codes(refusal)).containsExactly(Code.REPORT_DATA_MISMATCH);
    }

    @Test
    void aTokenWithoutTheNonceIsRefused() {
        middle.plays(question -> middle.honest(new Question(question.evidence(), "")));

        assertThat(codes(refused(probe, trustThroughTheMiddle()))).containsExactly(Code.NONCE_MISMATCH);
    }

    @Test
    void whatTheManInTheMiddleSignsHimselfIsRefused() {
        FakeTokenService his = new FakeTokenService(issuer.issuer(), Algorithm.RS256, Instant.now());
        middle.plays(question -> {
            Map<String, String> claims = his.innerkeep(Instant.now());
            claims.put("nonce", FakeTokenService.quoted(question.nonce()));
            return new String(his.sign(his.header(), claims), StandardCharsets.US_ASCII);
        });
        assertThat(codes(refused(probe, trustThroughTheMiddle()))).contains(Code.TOKEN_NOT_ACCEPTED);

        middle.plays(question -> {
            Map<String, String> header = his.header();
            header.put("kid", FakeTokenService.quoted(issuer.keys().keySet().iterator().next()));
            Map<String, String> claims = his.innerkeep(Instant.now());
            claims.put("nonce", FakeTokenService.quoted(question.nonce()));
            return new String(his.sign(header, claims), StandardCharsets.US_ASCII);
        });
        assertThat(codes(refused(probe, trustThroughTheMiddle()))).contains(Code.SIGNATURE_INVALID);

        middle.plays(question -> {
            String[] parts = middle.honest(question).split("\\.", -1);
            String header = "{\"alg\":\"none\",\"typ\":\"JWT\"}";
            Base64.Encoder url = Base64.getUrlEncoder().withoutPadding();
            return url.encodeToString(header.getBytes(StandardCharsets.US_ASCII)) + "." + parts[1] + ".";
        });
        assertThat(codes(refused(probe, trustThroughTheMiddle()))).contains(Code.ALGORITHM_WEAK);
    }

    @Test
    void aTokenThatEndsBeforeItComesIsRefused() {
        Trust tomorrow = trust().at(Clock.offset(Clock.systemUTC(), Duration.ofDays(1)));

        assertThat(codes(refused(probe, tomorrow))).contains(Code.EVIDENCE_STALE);
    }

    @Test
    void aServiceThatIsSlowEndsTheHandshake() {
        middle.plays(question -> {
            Thread.sleep(Duration.ofSeconds(3));
            return middle.honest(question);
        });
        Trust impatient = agreed(TokenService.at(middle.address(), issuer, middle.authority()).within(Duration.ofMillis(500)))
                .allowSameUser();

        long begin = System.nanoTime();
        assertThat(codes(refused(probe, impatient))).containsExactly(Code.SERVICE_UNAVAILABLE);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
    }
}
