package org.innerkeep.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
            Stage.deleteTree(folder);
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

    private ServicePair start(String name, Map<String, String> all) throws IOException {
        Map<String, String> values = new LinkedHashMap<>(all);
        // Requests that are held would else be cut.
        values.put("request-timeout", "PT10M");
        return ServicePair.start(Files.createDirectories(folder.resolve(name)), values, AttestLoad.class, service -> {
            String[] told = service.answer().split(" ", 2);
            return List.of(told[0], told[1], folder.toString());
        });
    }

    /** What is measured of one kind. */
    private record Runs(AttestRequests.Kind kind, SignatureFloor signatures, ServiceRuns found) {}

    private void measure(String provider, Map<String, String> settings, Optional<Provider> of) throws Exception {
        List<Runs> all = new ArrayList<>();
        try (ServicePair pair = start(provider, settings)) {
            for (AttestRequests.Kind kind : AttestRequests.Kind.values()) {
                say(kind.title() + ", " + provider + ": warming up");
                Runs runs = new Runs(kind, new SignatureFloor(kind, of), new ServiceRuns());
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

    private void run(Runs runs, ServicePair pair) throws Exception {
        runs.found.run(pair, "run " + runs.kind + " " + connections + " " + seconds);
        runs.found.floor(Pace.of(runs.signatures::once, processors, seconds));
    }

    private void report(String provider, Runs runs) {
        AttestRequests.Kind kind = runs.kind;
        String alone = "signatures alone: " + kind.signatures() + " " + kind.curve() + " verified, 1 RSA-3072 made";
        runs.found.report(
                report, kind.title() + "s attested, " + provider + ", " + connections + " connections", "service", alone, processors);
    }

    /** By a service of its own, that has not taken much memory for anything else. */
    private void memory(String provider, Map<String, String> all) throws IOException {
        AttestRequests.Kind kind = AttestRequests.Kind.SGX;
        int count = quick ? HELD / 5 : HELD;
        say("requests in flight, " + provider);
        try (ServicePair pair = start(provider + "-memory", all)) {
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

    private static double[] memory(ServicePair pair) throws IOException {
        String[] found = pair.service().ask("memory").split(" ", -1);
        return new double[] {Long.parseLong(found[0]) / MEBIBYTE, Long.parseLong(found[1]) / MEBIBYTE};
    }
}
