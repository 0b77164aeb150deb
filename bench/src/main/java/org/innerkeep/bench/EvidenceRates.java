package org.innerkeep.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.conscrypt.Conscrypt;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MakerRoots;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;

/**
 * How many pieces of real evidence one thread verifies in a second: cold, as a new verifier does; warm, as one does that remembers
 * certificates and collateral; by the JDK and by Conscrypt. Beside it, in the same run and in turns, peers from npm and the limit of
 * the signatures that remain.
 */
public final class EvidenceRates {
    private static final VerifierOptions OPTIONS = VerifierOptions.of(MakerRoots.all())
            .allowMissingRevocationList()
            .acceptTcb(
                    TcbStatus.SW_HARDENING_NEEDED,
                    TcbStatus.CONFIGURATION_NEEDED,
                    TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED,
                    TcbStatus.OUT_OF_DATE,
                    TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED,
                    TcbStatus.TD_RELAUNCH_ADVISED,
                    TcbStatus.TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED);

    /** One case of real evidence. */
    private record Case(Path folder, byte[] evidence, Endorsements endorsements, Instant at) {}

    private final Path vectors;
    private final Optional<Path> peers;
    private final double seconds;
    private final int rounds;
    private final Report report;

    private EvidenceRates(Path vectors, Optional<Path> peers, boolean quick) {
        this.vectors = vectors;
        this.peers = peers;
        this.seconds = quick ? 1 : 4;
        this.rounds = quick ? 3 : 5;
        this.report = new Report(quick);
    }

    /**
     * Measures.
     *
     * @param arguments a folder of real evidence; a folder where the peers are installed, or {@code none}; perhaps {@code --quick}
     * @throws Exception if something is not accepted that should be
     */
    public static void main(String[] arguments) throws Exception {
        Optional<Path> peers = arguments[1].equals("none") ? Optional.empty() : Optional.of(Path.of(arguments[1]));
        EvidenceRates rates = new EvidenceRates(Path.of(arguments[0]), peers, arguments.length > 2);
        rates.measure("sgx-dcap-v3", "SGX quote", "quote", "secp256r1", "SHA256withECDSA", 2, List.of("dcap-qvl", "dcap-qvl-web"));
        rates.measure("tdx-v4", "TDX quote", "quote", "secp256r1", "SHA256withECDSA", 2, List.of("dcap-qvl", "dcap-qvl-web"));
        rates.measure("sev-snp", "SNP report", "report", "secp384r1", "SHA384withECDSA", 1, List.of("tinfoil"));
        new PrintStream(System.out, true, StandardCharsets.UTF_8).print(rates.report.table());
    }

    private void measure(
            String kind, String name, String role, String curve, String algorithm, int signatures, List<String> others)
            throws Exception {
        Provider conscrypt = Conscrypt.newProvider();
        Case real = firstAccepted(kind, role);
        Map<String, Callable<Double>> contestants = new LinkedHashMap<>();
        Verifier warm = new Verifier();
        Verifier fast = Verifier.with(conscrypt);
        contestants.put("JDK, warm", () -> rate(() -> accept(warm, real)));
        contestants.put("JDK, cold", () -> rate(() -> accept(new Verifier(), real)));
        contestants.put("Conscrypt, warm", () -> rate(() -> accept(fast, real)));
        contestants.put("Conscrypt, cold", () -> rate(() -> accept(Verifier.with(conscrypt), real)));
        contestants.put("JDK, signatures alone", () -> rate(signed(curve, algorithm, Optional.empty())) / signatures);
        contestants.put("Conscrypt, signatures alone", () -> rate(signed(curve, algorithm, Optional.of(conscrypt))) / signatures);
        for (String peer : others) {
            if (peers.isPresent()) {
                contestants.put(peer, () -> peer(peers.get(), peer, real.folder()));
            } else {
                report.skip(peer + ": its packages are not installed");
            }
        }
        Map<String, List<Double>> runs = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<String, Callable<Double>> each : contestants.entrySet()) {
                System.err.println(name + ", round " + (round + 1) + ": " + each.getKey() + " …");
                runs.computeIfAbsent(each.getKey(), key -> new ArrayList<>()).add(each.getValue().call());
            }
        }
        Map<String, Figure> figures = new LinkedHashMap<>();
        runs.forEach((each, values) ->
                figures.put(each, Figure.median(values.stream().mapToDouble(Double::doubleValue).toArray(), "/s")));
        for (String provider : List.of("JDK", "Conscrypt")) {
            for (String state : List.of("warm", "cold")) {
                Comparison comparison = new Comparison(
                        name + ", " + provider + ", " + state, figure(figures, provider + ", " + state));
                others.stream().filter(figures::containsKey).forEach(peer -> comparison.with(peer + ", npm", figure(figures, peer)));
                if (state.equals("warm")) {
                    comparison.with(
                            signatures + " " + curve + " signatures alone, " + provider, figure(figures, provider + ", signatures alone"));
                }
                report.add(comparison);
            }
        }
    }

    private static Figure figure(Map<String, Figure> figures, String name) {
        Figure figure = figures.get(name);
        if (figure == null) {
            throw new IllegalStateException("nothing was measured of " + name);
        }
        return figure;
    }

    /** The first case of a kind that is accepted: cases of debug enclaves and the like are not. */
    private Case firstAccepted(String kind, String role) throws IOException {
        List<Path> folders;
        try (Stream<Path> all = Files.list(vectors.resolve(kind))) {
            folders = all.sorted().toList();
        }
        for (Path folder : folders) {
            Optional<Case> read = read(folder, role);
            if (read.isPresent()
                    && new Verifier().verify(read.get().evidence(), read.get().endorsements(), read.get().at(), OPTIONS)
                            instanceof Verdict.Accepted) {
                return read.get();
            }
        }
        throw new IllegalStateException("no case of " + kind + " in " + vectors + " is accepted");
    }

    private static Optional<Case> read(Path folder, String role) throws IOException {
        String vector = Files.readString(folder.resolve("vector.json"));
        Optional<String> file = field(vector, role);
        Optional<String> at = field(vector, "verifyAt");
        if (file.isEmpty() || at.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Case(
                    folder,
                    Files.readAllBytes(folder.resolve(file.get())),
                    EndorsementPool.read(folder),
                    Instant.parse(at.get())));
        } catch (MalformedException e) {
            return Optional.empty();
        }
    }

    /** The last field of that name that is text: enough for the flat parts of a vector's description. */
    private static Optional<String> field(String json, String name) {
        int key = json.lastIndexOf("\"" + name + "\": \"");
        if (key < 0) {
            return Optional.empty();
        }
        int begin = key + name.length() + 5;
        return Optional.of(json.substring(begin, json.indexOf('"', begin)));
    }

    private static boolean accept(Verifier verifier, Case real) {
        return verifier.verify(real.evidence(), real.endorsements(), real.at(), OPTIONS) instanceof Verdict.Accepted;
    }

    private static Callable<Boolean> signed(String curve, String algorithm, Optional<Provider> provider)
            throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        KeyPair keys = generator.generateKeyPair();
        byte[] message = new byte[432];
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(keys.getPrivate());
        signer.update(message);
        byte[] signature = signer.sign();
        return () -> {
            Signature verifier =
                    provider.isPresent() ? Signature.getInstance(algorithm, provider.get()) : Signature.getInstance(algorithm);
            verifier.initVerify(keys.getPublic());
            verifier.update(message);
            return verifier.verify(signature);
        };
    }

    private double rate(Callable<Boolean> work) throws Exception {
        count(work, seconds / 2);
        return count(work, seconds);
    }

    private static double count(Callable<Boolean> work, double seconds) throws Exception {
        long begin = System.nanoTime();
        long elapsed = 0;
        long count = 0;
        while (elapsed < seconds * TimeUnit.SECONDS.toNanos(1)) {
            if (!work.call()) {
                throw new IllegalStateException("something good was not accepted");
            }
            count++;
            elapsed = System.nanoTime() - begin;
        }
        return count * (double) TimeUnit.SECONDS.toNanos(1) / elapsed;
    }

    private double peer(Path folder, String peer, Path vector) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("node", "peers.mjs", peer, vector.toString(), Double.toString(seconds))
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        if (process.waitFor() != 0) {
            throw new IOException(peer + " failed");
        }
        return Double.parseDouble(out);
    }
}
