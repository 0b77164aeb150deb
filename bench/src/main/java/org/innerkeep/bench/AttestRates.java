package org.innerkeep.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.conscrypt.Conscrypt;
import org.innerkeep.attestation.ServiceConfiguration;

/**
 * How many requests to attest a service answers in a second over HTTPS, with every decision on disk, and how long each takes; in turns
 * with it, by as many threads as there are processors, the signatures alone that each request needs. And how much memory requests that
 * are under way hold.
 *
 * <p>The service, which runs as {@code innerkeep serve} does, is one process; what sends the requests is another on the same processors.
 */
public final class AttestRates {
    private static final int HELD = 1000;
    private static final double MEBIBYTE = 1 << 20;

    private final boolean quick;
    private final Map<String, String> settings;
    private final Path folder;
    private final int processors = Runtime.getRuntime().availableProcessors();
    private final int connections = 4 * processors;
    private final double seconds;
    private final double warmUp;
    private final int rounds;
    private final Report report;

    private AttestRates(boolean quick, Map<String, String> settings, Path folder) {
        this.quick = quick;
        this.settings = settings;
        this.folder = folder;
        this.seconds = quick ? 2 : 6;
        // Compiling takes processor time from the service for its first minute or so, and is no part of what a request costs later.
        this.warmUp = quick ? 4 : 60;
        this.rounds = quick ? 3 : 5;
        this.report = new Report(quick);
    }

    /**
     * Measures.
     *
     * @param arguments perhaps {@code --quick}, then settings of the service as {@code NAME=VALUE}
     * @throws Exception if a request is not attested
     */
    public static void main(String[] arguments) throws Exception {
        List<String> given = new ArrayList<>(List.of(arguments));
        boolean quick = given.remove("--quick");
        Map<String, String> settings = new LinkedHashMap<>();
        for (String each : given) {
            int equals = each.indexOf('=');
            if (equals < 1) {
                System.err.println("usage: bench/attest [--quick] [SETTING=VALUE…]");
                System.exit(2);
            }
            settings.put(each.substring(0, equals), each.substring(equals + 1));
        }
        Path folder = Files.createTempDirectory("innerkeep-attest");
        try {
            AttestRates rates = new AttestRates(quick, settings, folder);
            rates.measure();
            new PrintStream(System.out, true, StandardCharsets.UTF_8).print(rates.report.table());
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    private void measure() throws Exception {
        AttestRequests requests = new AttestRequests(Instant.now());
        for (AttestRequests.Kind kind : AttestRequests.Kind.values()) {
            say("making requests: " + kind.title());
            AttestRequests.write(AttestLoad.file(folder, kind), requests.bodies(kind, quick ? 500 : 2000));
        }
        Map<String, String> all = new LinkedHashMap<>(requests.settings(folder));
        all.putAll(settings);
        measure("JDK", all, Optional.empty());
        all.put("crypto-provider", "conscrypt");
        try {
            ServiceConfiguration.of(all);
        } catch (IllegalArgumentException e) {
            report.skip("Conscrypt: the service has no such setting");
            return;
        }
        measure("Conscrypt", all, Optional.of(Conscrypt.newProvider()));
    }

    private static void say(String what) {
        System.err.println(what + " …");
    }

    /** A service and what sends it requests. */
    private record Pair(Child service, Child load) implements AutoCloseable {
        @Override
        public void close() {
            load.close();
            service.close();
        }
    }

    private Pair start(String name, Map<String, String> all) throws IOException {
        Path place = Files.createDirectories(folder.resolve(name));
        Map<String, String> values = new TreeMap<>(all);
        values.put("folder", place.resolve("state").toString());
        values.put("listen", "127.0.0.1:0");
        values.put("issuer", "https://localhost:8443");
        // Requests that are held would else be cut.
        values.put("request-timeout", "PT10M");
        StringBuilder text = new StringBuilder();
        values.forEach((setting, value) -> text.append(setting).append('=').append(value.replace("\\", "\\\\")).append('\n'));
        Path file = Files.writeString(place.resolve("service.properties"), text);
        List<String> jvm = List.of("--enable-native-access=ALL-UNNAMED");
        Child service = Child.startWithErrors(place.resolve("errors"), jvm, AttestTarget.class.getName(), file.toString());
        String[] told = service.answer().split(" ", 2);
        try {
            return new Pair(service, Child.startWithErrors(
                    place.resolve("load-errors"), List.of(), AttestLoad.class.getName(), told[0], told[1], folder.toString()));
        } catch (IOException e) {
            service.close();
            throw e;
        }
    }

    /** What is measured of one kind, round by round. */
    private static final class Runs {
        private final AttestRequests.Kind kind;
        private final SignatureFloor signatures;
        private final List<Double> rates = new ArrayList<>();
        private final List<Double> processor = new ArrayList<>();
        private final List<Double> middle = new ArrayList<>();
        private final List<Double> late = new ArrayList<>();
        private final List<Double> floor = new ArrayList<>();
        private final List<Double> floorProcessor = new ArrayList<>();

        Runs(AttestRequests.Kind kind, SignatureFloor signatures) {
            this.kind = kind;
            this.signatures = signatures;
        }
    }

    private static Figure figure(List<Double> runs, String unit) {
        return Figure.median(runs.stream().mapToDouble(Double::doubleValue).toArray(), unit);
    }

    private void measure(String provider, Map<String, String> settings, Optional<Provider> of) throws Exception {
        List<Runs> all = new ArrayList<>();
        try (Pair pair = start(provider, settings)) {
            for (AttestRequests.Kind kind : AttestRequests.Kind.values()) {
                say(kind.title() + ", " + provider + ": warming up");
                Runs runs = new Runs(kind, new SignatureFloor(kind, of));
                pair.load().ask("run " + kind + " " + connections + " " + warmUp);
                Pace.of(runs.signatures::once, processors, warmUp / 3);
                all.add(runs);
            }
            for (int round = 1; round <= rounds; round++) {
                for (Runs each : all) {
                    say(each.kind.title() + ", " + provider + ", round " + round);
                    run(each, pair);
                }
            }
        }
        all.forEach(each -> report(provider, each));
        memory(provider, settings);
    }

    private void run(Runs runs, Pair pair) throws Exception {
        long before = Long.parseLong(pair.service().ask("processor"));
        String[] found = pair.load().ask("run " + runs.kind + " " + connections + " " + seconds).split(" ", -1);
        long after = Long.parseLong(pair.service().ask("processor"));
        double count = Double.parseDouble(found[0]);
        runs.rates.add(count / Double.parseDouble(found[1]));
        runs.processor.add((after - before) / count / 1e6);
        runs.middle.add(Double.parseDouble(found[2]) / 1000);
        runs.late.add(Double.parseDouble(found[3]) / 1000);
        Pace pace = Pace.of(runs.signatures::once, processors, seconds);
        runs.floor.add(pace.perSecond());
        runs.floorProcessor.add(pace.processorMillis());
    }

    private void report(String provider, Runs runs) {
        AttestRequests.Kind kind = runs.kind;
        String alone = "signatures alone: " + kind.signatures() + " " + kind.curve() + " verified, 1 RSA-3072 made";
        report.add(new Comparison(kind.title() + "s attested, " + provider + ", " + connections + " connections", figure(runs.rates, "/s"))
                .with(alone + ", " + processors + " threads", figure(runs.floor, "/s")));
        report.add(new Comparison("    processor time of the service for each", figure(runs.processor, "ms"))
                .with(alone, figure(runs.floorProcessor, "ms")));
        report.add(new Comparison("    time to the answer, 50th of 100", figure(runs.middle, "ms")));
        report.add(new Comparison("    time to the answer, 99th of 100", figure(runs.late, "ms")));
    }

    /** By a service of its own, that has not taken much memory for anything else. */
    private void memory(String provider, Map<String, String> all) throws IOException {
        AttestRequests.Kind kind = AttestRequests.Kind.SGX;
        int count = quick ? HELD / 5 : HELD;
        say("requests in flight, " + provider);
        try (Pair pair = start(provider + "-memory", all)) {
            // What is made once for all requests is made before.
            pair.load().ask("run " + kind + " " + connections + " 2");
            pair.load().ask("hold " + kind + " " + connections);
            pair.load().ask("release");
            double[] before = memory(pair);
            pair.load().ask("hold " + kind + " " + count);
            double[] after = memory(pair);
            int attested = Integer.parseInt(pair.load().ask("release"));
            if (attested != count) {
                throw new IOException("expected all " + count + " requests to be attested, found " + attested);
            }
            double thousands = count / 1000.0;
            report.add(new Comparison("heap in use for 1,000 requests in flight, " + provider,
                    new Figure((after[0] - before[0]) / thousands, Double.NaN, "MiB")));
            report.add(new Comparison("resident memory for 1,000 requests in flight, " + provider,
                    new Figure((after[1] - before[1]) / thousands, Double.NaN, "MiB")));
            report.add(new Comparison("resident memory of the service before, " + provider, new Figure(before[1], Double.NaN, "MiB")));
        }
    }

    private static double[] memory(Pair pair) throws IOException {
        String[] found = pair.service().ask("memory").split(" ", -1);
        return new double[] {Long.parseLong(found[0]) / MEBIBYTE, Long.parseLong(found[1]) / MEBIBYTE};
    }
}
