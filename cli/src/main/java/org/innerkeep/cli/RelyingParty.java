package org.innerkeep.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.AttesterKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MakerRoots;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.VerifierOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the command line says that a relying party pins, lifts and expects when it verifies a file. */
final class RelyingParty {
    private static final int MAX_KEY_FILE = 64 * 1024;
    private static final int MAX_KEY_SET = 1 << 20;

    @Option(
            names = "--root",
            paramLabel = "MAKER=FILE",
            description = "A root certificate of intel, amd, aws, tpm or nvidia, pinned in place of those that are built in.")
    private final List<String> roots = new ArrayList<>();

    @Option(names = "--key", paramLabel = "KIND=FILE", description = "The attestation key of one machine, PEM: tpm, cca or psa.")
    private final Map<AttesterKey.Kind, Path> keys = new LinkedHashMap<>();

    @Option(names = "--issuer", paramLabel = "NAME=FILE", description = "A token service and its key set (JWKS).")
    private final Map<String, Path> issuers = new LinkedHashMap<>();

    @Option(names = "--at", paramLabel = "TIME", description = "The time to verify at, as 2026-06-01 or 2026-06-01T12:00:00Z; now unless given.")
    private @Nullable String at;

    @Option(names = "--accept-tcb", paramLabel = "STATUS", description = "A further TCB status to accept, such as SWHardeningNeeded.")
    private final List<String> accepted = new ArrayList<>();

    @Option(names = "--least-evaluation", paramLabel = "N", description = "The oldest of Intel's TCB evaluations to accept.")
    private @Nullable Integer leastEvaluation;

    @Option(names = "--refuse-product", paramLabel = "NAME", description = "A line of AMD's products to refuse: Milan, Genoa, Turin.")
    private final List<String> refusedProducts = new ArrayList<>();

    @Option(
            names = "--least-snp-tcb",
            paramLabel = "COMPONENT=N",
            split = ",",
            description = "The oldest firmware of AMD's to accept, as bootloader=4,tee=0,snp=24,microcode=72; for Turin also fmc.")
    private final Map<String, Integer> leastSnpTcb = new LinkedHashMap<>();

    @Option(names = "--allow-migration", description = "Accept guests that their operator may move.")
    private boolean allowMigration;

    @Option(names = "--allow-sha1", description = "Accept SHA-1 in TPM quotes, though collisions can be made for it.")
    private boolean allowSha1;

    @Option(names = "--allow-missing-crl", description = "Accept AMD certificates without a revocation list at hand.")
    private boolean allowMissingRevocationList;

    @Option(names = "--report-data", paramLabel = "HEX", description = "The report data that must be in the evidence.")
    private @Nullable String reportData;

    @Option(names = "--nonce", paramLabel = "HEX", description = "The nonce that the evidence must have been made for.")
    private @Nullable String nonce;

    @Option(names = "--audience", paramLabel = "NAME", description = "Whom a token must be for.")
    private @Nullable String audience;

    /**
     * The time to verify at.
     *
     * @throws IllegalArgumentException if it is not understood
     */
    Instant at() {
        if (at == null) {
            return Instant.now();
        }
        try {
            return at.contains("T") ? Instant.parse(at) : LocalDate.parse(at).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("--at: expected a time as 2026-06-01 or 2026-06-01T12:00:00Z, in UTC", e);
        }
    }

    /**
     * The options to verify with.
     *
     * @param keeper the keeper's anchor, where there is one
     * @param debug whether debug is accepted
     * @throws IllegalArgumentException if something on the command line is not understood
     */
    VerifierOptions options(Optional<KeeperAnchor> keeper, boolean debug) throws IOException {
        List<Anchor> anchors = new ArrayList<>();
        keeper.ifPresent(anchors::add);
        List<MakerRoot> given = new ArrayList<>();
        for (String each : roots) {
            given.add(root(each));
        }
        anchors.addAll(given);
        MakerRoots.all().stream()
                .filter(builtIn -> given.stream().noneMatch(root -> root.maker() == builtIn.maker()))
                .forEach(anchors::add);
        for (Map.Entry<AttesterKey.Kind, Path> each : keys.entrySet()) {
            anchors.add(new AttesterKey(each.getKey(), publicKey(each.getValue())));
        }
        for (Map.Entry<String, Path> each : issuers.entrySet()) {
            anchors.add(issuer(each.getKey(), each.getValue()));
        }
        VerifierOptions options = VerifierOptions.of(anchors);
        options = debug ? options.allowDebug() : options;
        options = allowMigration ? options.allowMigration() : options;
        options = allowSha1 ? options.allowSha1() : options;
        options = allowMissingRevocationList ? options.allowMissingRevocationList() : options;
        options = leastEvaluation != null ? options.leastTcbEvaluation(leastEvaluation) : options;
        options = options.leastSnpTcb(leastSnpTcb);
        options = options.refuseProducts(refusedProducts.toArray(String[]::new));
        options = reportData != null ? options.reportData(hex("--report-data", reportData)) : options;
        options = nonce != null ? options.nonce(hex("--nonce", nonce)) : options;
        options = audience != null ? options.audience(audience) : options;
        for (String status : accepted) {
            options = options.acceptTcb(TcbStatus.of(status)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "--accept-tcb: expected one of " + List.of(TcbStatus.values()) + ", found '" + status + "'")));
        }
        return options;
    }

    private static MakerRoot root(String makerAndFile) throws IOException {
        int equals = makerAndFile.indexOf('=');
        Maker maker;
        try {
            maker = Maker.valueOf(makerAndFile.substring(0, Math.max(equals, 0)).toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--root: expected MAKER=FILE with one of " + List.of(Maker.values()), e);
        }
        return MakerRoot.of(maker, certificate(Path.of(makerAndFile.substring(equals + 1))));
    }

    private static Bytes hex(String option, String text) {
        try {
            return Bytes.fromHex(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option + ": expected hexadecimal digits", e);
        }
    }

    private static byte[] bytes(Path file, int most) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException(file + ": expected at most " + most + " bytes");
            }
            return bytes;
        }
    }

    private static X509Certificate certificate(Path file) throws IOException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(bytes(file, MAX_KEY_FILE)));
        } catch (CertificateException e) {
            throw new IOException(file + ": expected a certificate in PEM or DER", e);
        }
    }

    private static Bytes publicKey(Path file) throws IOException {
        byte[] bytes = bytes(file, MAX_KEY_FILE);
        String text = new String(bytes, StandardCharsets.US_ASCII).strip();
        if (!text.startsWith("-----BEGIN PUBLIC KEY-----") || !text.endsWith("-----END PUBLIC KEY-----")) {
            return Bytes.of(bytes);
        }
        try {
            return Bytes.of(Base64.getDecoder().decode(text.lines()
                    .filter(line -> !line.startsWith("-----"))
                    .map(String::strip)
                    .reduce("", String::concat)));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": expected a public key in PEM or DER", e);
        }
    }

    private static TokenIssuer issuer(String name, Path file) throws IOException {
        try {
            return TokenIssuer.of(name, bytes(file, MAX_KEY_SET));
        } catch (MalformedException e) {
            throw new IOException(file + ": expected a key set (JWKS): " + e.getMessage(), e);
        }
    }
}
