package org.innerkeep.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How many file keys a vault releases in a second over HTTPS, with every release in its log and on disk, and how long each takes; in
 * turns with it, by as many threads as there are processors, the cryptographic operations alone that each release needs.
 *
 * <p>The vault, which runs as {@code innerkeep serve} does, is one process; what asks is another on the same processors.
 */
public final class VaultRates {
    private final Path folder;
    private final int processors = Runtime.getRuntime().availableProcessors();
    private final int connections = 4 * processors;
    private final double seconds;
    private final int warmUps;
    private final int rounds;
    private final Report report;

    private final ServiceRuns runs = new ServiceRuns();
    private final List<Double> wholeMiddle = new ArrayList<>();
    private final List<Double> wholeLate = new ArrayList<>();

    private VaultRates(boolean quick, Path folder) {
        this.folder = folder;
        this.seconds = quick ? 2 : 6;
        this.warmUps = quick ? 8 : 12;
        this.rounds = quick ? 3 : 5;
        this.report = new Report(quick);
    }

    /**
     * Measures.
     *
     * @param arguments perhaps {@code --quick}
     * @throws Exception if a file key is not released, or not accepted
     */
    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        if (given.size() > 1 || (given.size() == 1 && !given.getFirst().equals("--quick"))) {
            System.err.println("usage: bench/vault [--quick]");
            System.exit(2);
        }
        Path folder = Files.createTempDirectory("innerkeep-vault");
        try {
            VaultRates rates = new VaultRates(given.size() == 1, folder);
            rates.measure();
            new PrintStream(System.out, true, StandardCharsets.UTF_8).print(rates.report.table());
        } finally {
            Stage.deleteTree(folder);
        }
    }

    /** A vault and what asks it, with the keeper's key in a folder that takes everything. */
    static ServicePair start(Path folder) throws Exception {
        GrantedEnclave enclave = GrantedEnclave.make();
        enclave.write(folder);
        Path anchor = Files.writeString(folder.resolve("keeper.anchor"), enclave.anchor().toString());
        return ServicePair.start(folder, Map.of("keeper-anchor", anchor.toString()), VaultLoad.class, service -> {
            String[] told = service.answer().split(" ", 2);
            return List.of(told[0], told[1], service.ask("admin-key-file"), folder.toString());
        });
    }

    private static void say(String what) {
        System.err.println(what + " …");
    }

    private void measure() throws Exception {
        VaultFloor operations = new VaultFloor();
        try (ServicePair pair = start(folder)) {
            say("warming up");
            // Until the rate is known, few enough to be made ready in time.
            double expected = 100;
            for (int i = 0; i < warmUps; i++) {
                expected = run(pair, expected);
            }
            Pace.of(operations::once, processors, seconds);
            runs.clear();
            for (int round = 1; round <= rounds; round++) {
                say("round " + round);
                expected = Math.max(expected, run(pair, expected));
                runs.floor(Pace.of(operations::once, processors, seconds));
                String[] whole = pair.load().ask("whole " + seconds / 2).split(" ", -1);
                wholeMiddle.add(Double.parseDouble(whole[2]) / 1000);
                wholeLate.add(Double.parseDouble(whole[3]) / 1000);
            }
        }
        String alone = "cryptographic operations alone";
        runs.report(report, "file keys released, " + connections + " connections", "vault", alone, processors);
        report.add(new Comparison("an enclave alone, from challenge to file key, 50th of 100", Figure.median(wholeMiddle, "ms")));
        report.add(new Comparison("an enclave alone, from challenge to file key, 99th of 100", Figure.median(wholeLate, "ms")));
    }

    /** Releases for some seconds. {@return how many in a second} */
    private double run(ServicePair pair, double expected) throws IOException {
        // More than are expected, so that none is missing before the time is over.
        pair.load().ask("prepare " + connections + " " + Math.round(1.5 * expected * seconds));
        double count = runs.run(pair, "release " + seconds);
        if (Integer.parseInt(pair.load().ask("accept")) != count) {
            throw new IOException("expected every response to be accepted");
        }
        return runs.lastRate();
    }
}
