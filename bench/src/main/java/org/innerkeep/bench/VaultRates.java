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

    private final List<Double> rates = new ArrayList<>();
    private final List<Double> processor = new ArrayList<>();
    private final List<Double> middle = new ArrayList<>();
    private final List<Double> late = new ArrayList<>();
    private final List<Double> floor = new ArrayList<>();
    private final List<Double> floorProcessor = new ArrayList<>();
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

    /** A vault and what asks it. */
    record Pair(Child service, Child load) implements AutoCloseable {
        /** Starts both, with the keeper's key in a folder that takes everything. */
        static Pair start(Path folder) throws Exception {
            GrantedEnclave enclave = GrantedEnclave.make();
            enclave.write(folder);
            Path anchor = Files.writeString(folder.resolve("keeper.anchor"), enclave.anchor().toString());
            StringBuilder settings = new StringBuilder();
            Map.of(
                            "folder", folder.resolve("state").toString(),
                            "listen", "127.0.0.1:0",
                            "issuer", "https://localhost:8443",
                            "keeper-anchor", anchor.toString())
                    .forEach((name, value) -> settings.append(name).append('=').append(value).append('\n'));
            Path file = Files.writeString(folder.resolve("service.properties"), settings);
            List<String> jvm = List.of("--enable-native-access=ALL-UNNAMED");
            Child service = Child.startWithErrors(folder.resolve("errors"), jvm, AttestTarget.class.getName(), file.toString());
            try {
                String[] told = service.answer().split(" ", 2);
                String adminKey = service.ask("admin-key-file");
                return new Pair(service, Child.startWithErrors(
                        folder.resolve("load-errors"), List.of(), VaultLoad.class.getName(), told[0], told[1], adminKey, folder.toString()));
            } catch (IOException e) {
                service.close();
                throw e;
            }
        }

        @Override
        public void close() {
            load.close();
            service.close();
        }
    }

    private static void say(String what) {
        System.err.println(what + " …");
    }

    private void measure() throws Exception {
        VaultFloor operations = new VaultFloor();
        try (Pair pair = Pair.start(folder)) {
            say("warming up");
            // Until the rate is known, few enough to be made ready in time.
            double expected = 100;
            for (int i = 0; i < warmUps; i++) {
                expected = run(pair, expected);
            }
            Pace.of(operations::once, processors, seconds);
            List.of(rates, processor, middle, late).forEach(List::clear);
            for (int round = 1; round <= rounds; round++) {
                say("round " + round);
                expected = Math.max(expected, run(pair, expected));
                Pace pace = Pace.of(operations::once, processors, seconds);
                floor.add(pace.perSecond());
                floorProcessor.add(pace.processorMillis());
                String[] whole = pair.load().ask("whole " + seconds / 2).split(" ", -1);
                wholeMiddle.add(Double.parseDouble(whole[2]) / 1000);
                wholeLate.add(Double.parseDouble(whole[3]) / 1000);
            }
        }
        String alone = "cryptographic operations alone";
        report.add(new Comparison("file keys released, " + connections + " connections", figure(rates, "/s"))
                .with(alone + ", " + processors + " threads", figure(floor, "/s")));
        report.add(new Comparison("    processor time of the vault for each", figure(processor, "ms"))
                .with(alone, figure(floorProcessor, "ms")));
        report.add(new Comparison("    time to the answer, 50th of 100", figure(middle, "ms")));
        report.add(new Comparison("    time to the answer, 99th of 100", figure(late, "ms")));
        report.add(new Comparison("an enclave alone, from challenge to file key, 50th of 100", figure(wholeMiddle, "ms")));
        report.add(new Comparison("an enclave alone, from challenge to file key, 99th of 100", figure(wholeLate, "ms")));
    }

    /** Releases for some seconds. {@return how many in a second} */
    private double run(Pair pair, double expected) throws IOException {
        // More than are expected, so that none is missing before the time is over.
        pair.load().ask("prepare " + connections + " " + Math.round(1.5 * expected * seconds));
        long before = Long.parseLong(pair.service().ask("processor"));
        String[] found = pair.load().ask("release " + seconds).split(" ", -1);
        long after = Long.parseLong(pair.service().ask("processor"));
        double count = Double.parseDouble(found[0]);
        if (Integer.parseInt(pair.load().ask("accept")) != count) {
            throw new IOException("expected every response to be accepted");
        }
        double rate = count / Double.parseDouble(found[1]);
        rates.add(rate);
        processor.add((after - before) / count / 1e6);
        middle.add(Double.parseDouble(found[2]) / 1000);
        late.add(Double.parseDouble(found[3]) / 1000);
        return rate;
    }

    private static Figure figure(List<Double> runs, String unit) {
        return Figure.median(runs.stream().mapToDouble(Double::doubleValue).toArray(), unit);
    }
}
