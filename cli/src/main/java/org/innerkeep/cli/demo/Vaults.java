package org.innerkeep.cli.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobDraft;
import org.innerkeep.channel.release.VaultLocation;
import org.innerkeep.cli.demo.World.HospitalSide;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.examples.hospitals.OwnersVault;

/**
 * The hospitals' vaults: for each a process of its own, with a store of its own, as the hospital's user. The operator runs none
 * of them, and no attestation service. Each holds the hospital's identity, which never leaves it.
 */
final class Vaults {
    /** Each takes memory; with more owners the demonstration leaves this act out. */
    private static final int MOST = 4;

    private static final String MAIN = "org.innerkeep.cli.Main";
    private static final String KEY = "records";
    private static final Pattern GRANT = Pattern.compile("(?m)^grant +([0-9a-f]{32})");
    private static final Pattern VOUCH = Pattern.compile("(?m)^vouch ([0-9a-f]{128})$");

    private record Launched(Child server, URI address, Bytes file) {}

    private record Open(URI address, Path certificate, Path adminKey, OwnersVault place) {}

    private final Stage stage;
    private final Map<HospitalSide, Launched> launched = new LinkedHashMap<>();
    private final Map<HospitalSide, Open> open = new LinkedHashMap<>();
    private final Map<HospitalSide, Bytes> vouches = new HashMap<>();
    private final Map<HospitalSide, String> grants = new HashMap<>();

    private Vaults(Stage stage) {
        this.stage = stage;
    }

    /** Starts all of them, and waits for none. */
    static Vaults launch(Stage stage, Path anchor, Map<HospitalSide, Bytes> files) throws IOException {
        Vaults vaults = new Vaults(stage);
        if (files.size() > MOST) {
            return vaults;
        }
        for (Map.Entry<HospitalSide, Bytes> file : files.entrySet()) {
            HospitalSide hospital = file.getKey();
            int port = freePort();
            String settings = """
                    folder=%s
                    listen=127.0.0.1:%d
                    keeper-anchor=%s
                    token-algorithm=ES256
                    """.formatted(stage.folder(hospital.party()).resolve("vault"), port, anchor);
            Path config = stage.put(hospital.party(), "vault.properties", settings.getBytes(StandardCharsets.US_ASCII));
            Child server = stage.java(hospital.party(), MAIN, List.of("serve", "--config", config.toString()));
            vaults.launched.put(hospital, new Launched(server, URI.create("https://localhost:" + port), file.getValue()));
        }
        return vaults;
    }

    /** Waits until they serve, and puts each hospital's identity into its own. */
    Vaults ready() throws IOException {
        for (Map.Entry<HospitalSide, Launched> each : launched.entrySet()) {
            HospitalSide hospital = each.getKey();
            Launched vault = each.getValue();
            String key = vault.server().require("vault key");
            vault.server().require("ready");
            Path folder = stage.folder(hospital.party()).resolve("vault");
            open.put(hospital, new Open(vault.address(), folder.resolve("trial-tls.pem"), folder.resolve("admin.key"),
                    new OwnersVault(VaultLocation.of(URI.create(vault.address() + "#" + key)), KEY, vault.file())));
        }
        if (served()) {
            each(hospital -> keys(hospital, "import", KEY, "--identity",
                    stage.folder(hospital.party()).resolve("identity.age").toString()));
            publishCertificates();
            vouch();
        }
        return this;
    }

    /** Each hospital signs its own part of the job. */
    private void vouch() throws IOException {
        Map<HospitalSide, String> said = each(hospital -> stage.java(hospital.party(), World.HOSPITAL, List.of(
                "vouch",
                "--folder", stage.folder(hospital.party()).toString(),
                "--name", hospital.name(),
                "--vault", of(hospital).place().location().toString(),
                "--key", KEY,
                "--sealed", stage.folder(hospital.party()).resolve("records.age").toString())));
        for (Map.Entry<HospitalSide, String> each : said.entrySet()) {
            Matcher vouch = VOUCH.matcher(each.getValue());
            if (!vouch.find()) {
                throw new IOException("'vouch' gave no signature; it said:\n" + each.getValue());
            }
            vouches.put(each.getKey(), Bytes.fromHex(vouch.group(1)));
        }
    }

    /** Whether the hospitals have vaults. */
    boolean served() {
        return !open.isEmpty();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Something that each hospital does for itself, all at the same time. */
    @FunctionalInterface
    private interface Doing {
        Child start(HospitalSide hospital) throws IOException;
    }

    private Map<HospitalSide, String> each(Doing doing) throws IOException {
        Map<HospitalSide, Child> children = new LinkedHashMap<>();
        for (HospitalSide hospital : open.keySet()) {
            children.put(hospital, doing.start(hospital));
        }
        Map<HospitalSide, String> said = new HashMap<>();
        for (Map.Entry<HospitalSide, Child> child : children.entrySet()) {
            said.put(child.getKey(), done(child.getValue()));
        }
        return said;
    }

    private static String done(Child child) throws IOException {
        if (child.waitFor() != 0) {
            throw new IOException("a hospital's command failed; it said:\n" + child.said());
        }
        return child.said();
    }

    /** {@code innerkeep keys}, as the hospital's user, against its own vault. */
    private Child keys(HospitalSide hospital, String... arguments) throws IOException {
        Open vault = of(hospital);
        List<String> all = new ArrayList<>(List.of("keys"));
        all.addAll(Arrays.asList(arguments));
        all.addAll(List.of("--server", vault.address().toString(), "--cacert", vault.certificate().toString(),
                "--admin-key-file", vault.adminKey().toString()));
        return stage.java(hospital.party(), MAIN, all);
    }

    private Open of(HospitalSide hospital) {
        Open vault = open.get(hospital);
        if (vault == null) {
            throw new IllegalStateException("no vault of " + hospital.name());
        }
        return vault;
    }

    /** Adds to a job what a hospital says of its vault, with its signature. */
    void addTo(JobDraft draft, HospitalSide hospital) {
        Bytes vouch = vouches.get(hospital);
        if (vouch == null) {
            throw new IllegalStateException(hospital.name() + " did not vouch for its vault");
        }
        of(hospital).place().addTo(draft, hospital.name(), vouch);
    }

    /** What the operator names to its host: where it may carry. */
    String addresses() {
        return open.values().stream().map(each -> each.address().toString()).collect(Collectors.joining(","));
    }

    /** What the operator's host knows the vaults' servers by. */
    Path certificates() {
        return stage.root().resolve("agreed/vaults.pem");
    }

    private void publishCertificates() throws IOException {
        StringBuilder all = new StringBuilder();
        for (Open vault : open.values()) {
            all.append(Files.readString(vault.certificate()));
        }
        Files.writeString(certificates(), all);
    }

    /** Each hospital has its own program check the job, then grants its key to the code of the job, for this job alone. */
    void grant(Job job, Path file) throws IOException {
        Map<HospitalSide, String> agreed = each(hospital -> stage.java(hospital.party(), World.HOSPITAL, List.of(
                "agree",
                "--folder", stage.folder(hospital.party()).toString(),
                "--name", hospital.name(),
                "--job", file.toString())));
        for (Map.Entry<HospitalSide, String> each : agreed.entrySet()) {
            if (!each.getValue().contains("agreed " + job.digest())) {
                throw new IOException(each.getKey().name() + " agreed to another job; it said:\n" + each.getValue());
            }
        }
        Map<HospitalSide, String> said = each(hospital -> keys(hospital, "grant", KEY,
                "--signer", job.code().signer().hex(), "--product", Long.toString(job.code().product()),
                "--least-version", Long.toString(job.code().minSvn()), "--platform", "process",
                "--memory", stage.separate() ? "root" : "host", "--job", job.digest().hex()));
        for (Map.Entry<HospitalSide, String> each : said.entrySet()) {
            Matcher id = GRANT.matcher(each.getValue());
            if (!id.find()) {
                throw new IOException("'keys grant' named no grant; it said:\n" + each.getValue());
            }
            grants.put(each.getKey(), id.group(1));
        }
    }

    void revoke(HospitalSide hospital) throws IOException {
        String grant = grants.getOrDefault(hospital, "");
        String _ = done(keys(hospital, "revoke", KEY, grant));
    }

    /** Why enclaves got nothing, as the hospital is told. */
    String why(HospitalSide hospital) throws IOException {
        return done(keys(hospital, "why", KEY));
    }

    /** Under what the vault's secrets are wrapped. */
    byte[] masterKey(HospitalSide hospital) throws IOException {
        return Files.readAllBytes(stage.folder(hospital.party()).resolve("vault/vault.key"));
    }
}
