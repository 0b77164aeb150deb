package org.innerkeep.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs every comparison, or those that are named, and prints one table. */
public final class Main {
    /** Units as JMH prints them, and as they are meant. */
    private static final Map<String, String> UNITS =
            Map.of("us/op", "µs", "ms/op", "ms", "ns/op", "ns", "ops/s", "/s");

    /** One part of the table. */
    private interface Part {
        void measure() throws Exception;
    }

    private final boolean quick;
    private final Stage stage;
    private final Path results;
    private final PrintStream progress;
    private final Report report;
    private final Map<String, Figure> figures = new TreeMap<>();

    private Main(boolean quick, Stage stage, Path results, PrintStream progress) {
        this.quick = quick;
        this.stage = stage;
        this.results = results;
        this.progress = progress;
        this.report = new Report(quick);
    }

    /** The parts by name, in the order of the table. */
    private Map<String, Part> parts(Child keeper, BoundaryStages boundary) {
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("call", boundary::call);
        parts.put("record", boundary::record);
        parts.put("bulk", boundary::bulk);
        parts.put("idle", () -> boundary.idle(keeper));
        parts.put("wake", boundary::wake);
        parts.put("callers", boundary::callers);
        parts.put("streams", boundary::streams);
        parts.put("session", boundary::session);
        parts.put("connect", this::sessions);
        parts.put("start", this::start);
        parts.put("cipher", this::cipher);
        parts.put("codec", this::codec);
        parts.put("seal", this::seal);
        parts.put("files", this::files);
        parts.put("scan", this::scan);
        parts.put("verify", this::verify);
        return parts;
    }

    /**
     * Measures.
     *
     * @param arguments the folder for results, the checkout, then perhaps {@code --quick} and names of parts
     * @throws Exception if a benchmark fails
     */
    public static void main(String[] arguments) throws Exception {
        List<String> wanted = new ArrayList<>(List.of(arguments).subList(2, arguments.length));
        boolean quick = wanted.remove("--quick");
        Path results = Files.createDirectories(Path.of(arguments[0]));
        PrintStream progress = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        Stage stage = Stage.build();
        Child keeper = stage.startKeeper();
        // Also where somebody loses patience.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> clear(keeper, stage)));
        Main main = new Main(quick, stage, results, progress);
        Optional<Limits> limits = Limits.compile(Path.of(arguments[1], "bench").resolve(Limits.SOURCE), stage.folder());
        Map<String, Part> parts = main.parts(keeper, new BoundaryStages(stage, limits, main.report, quick));
        if (!parts.keySet().containsAll(wanted)) {
            System.err.println("usage: bench/run [--quick] [PART…], where the parts are " + String.join(" ", parts.keySet()));
            System.exit(2);
        }
        try {
            for (Map.Entry<String, Part> part : parts.entrySet()) {
                if (wanted.isEmpty() || wanted.contains(part.getKey())) {
                    progress.println(part.getKey() + " …");
                    part.getValue().measure();
                }
            }
        } finally {
            // Also what was measured before one of them failed.
            main.report.write(results.resolve("results.json"));
            new PrintStream(System.out, true, StandardCharsets.UTF_8).print(main.report.table());
        }
    }

    private static void clear(Child keeper, Stage stage) {
        keeper.close();
        try {
            stage.delete();
        } catch (IOException e) {
            System.err.println("bench: " + stage.folder() + " could not be removed: " + e.getMessage());
        }
    }

    private void start() throws Exception {
        report.add(new WholeProcess(stage, quick ? 3 : 9).startToFirstCall());
    }

    private void sessions() throws Exception {
        run(SessionCall.class);
        report.add(new Comparison("client and enclave: 16 MiB in and out as streams", figure("SessionCall.streamAttested"))
                .with("plain TLS 1.3, 16 MiB there and back", figure("SessionCall.streamPlainTls")));
        report.add(new Comparison("new attested session, both appraisals", figure("SessionCall.connectAttested"))
                .with("new plain TLS 1.3 connection", figure("SessionCall.connectPlainTls")));
    }

    private void cipher() throws Exception {
        run(AesGcm.class);
        for (var size : List.of(Map.entry("64", "64 B"), Map.entry("65536", "64 KiB"))) {
            report.add(new Comparison("AES-256-GCM of the JDK, encrypt " + size.getValue(), figure("AesGcm.encrypt:" + size.getKey())));
            report.add(new Comparison("AES-256-GCM of the JDK, decrypt " + size.getValue(), figure("AesGcm.decrypt:" + size.getKey())));
        }
    }

    private void codec() throws Exception {
        run(RecordCodec.class);
        report.add(new Comparison("encode a record of eight fields", figure("RecordCodec.encode"))
                .with("by hand, unchecked", figure("RecordCodec.encodeByHand")));
        report.add(new Comparison("decode a record of eight fields", figure("RecordCodec.decode"))
                .with("by hand, unchecked", figure("RecordCodec.decodeByHand")));
    }

    private void seal() throws Exception {
        run(Sealing.class);
        run(SealingHeader.class);
        report.add(new Comparison("seal, in memory", rate("Sealing.seal"))
                .with("JDK ChaCha20-Poly1305 alone, 64 KiB at a time", rate("Sealing.encrypt")));
        report.add(new Comparison("unseal, in memory", rate("Sealing.unseal"))
                .with("JDK ChaCha20-Poly1305 alone, 64 KiB at a time", rate("Sealing.decrypt")));
        report.add(new Comparison("seal, in memory, all processors", rate("Sealing.sealByAll"))
                .with("JDK ChaCha20-Poly1305 alone, one thread for each", rate("Sealing.encryptByAll")));
        report.add(new Comparison("unseal, in memory, all processors", rate("Sealing.unsealByAll"))
                .with("JDK ChaCha20-Poly1305 alone, one thread for each", rate("Sealing.decryptByAll")));
        report.add(new Comparison("seal an empty file, hybrid", figure("SealingHeader.sealHybrid"))
                .with("classic", figure("SealingHeader.sealClassic")));
        report.add(new Comparison("unseal an empty file, hybrid", figure("SealingHeader.unsealHybrid"))
                .with("classic", figure("SealingHeader.unsealClassic")));
    }

    private void files() throws Exception {
        if (WholeProcess.hasAge()) {
            if (!figures.containsKey("Sealing.encrypt")) {
                // The limit of the lines below.
                run(Sealing.class);
            }
            WholeProcess files = new WholeProcess(stage, quick ? 2 : 5);
            files.sealedFile().forEach(report::add);
            files.largeFile(rate("Sealing.encrypt"), rate("Sealing.decrypt")).forEach(report::add);
            if (!WholeProcess.hasTaskset()) {
                report.skip("seal and unseal on one processor: taskset is missing, apt-get install util-linux");
            }
        } else {
            report.skip("seal and unseal as whole processes: age is missing, apt-get install age");
        }
        progress.println("files, through pipes …");
        new WholeProcess(stage, 1).piped(quick ? 2 * 1024 : 10 * 1024).forEach(report::add);
    }

    private void scan() throws Exception {
        run(LeakScan.class);
        report.add(new Comparison("leakcheck's scan for 569 rows of 30 numbers", rate("LeakScan.scan"))
                .with("only reading the bytes", rate("LeakScan.readOnly")));
    }

    private void verify() throws Exception {
        run(Verification.class);
        report.add(new Comparison("keeper reports verified", figure("Verification.evidence"))
                .with("P-256 signatures verified", figure("Verification.signatureOnly")));
    }

    private void run(Class<?> benchmark) throws Exception {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(benchmark.getName().replace(".", "\\.") + "\\..*")
                .shouldFailOnError(true)
                .forks(quick ? 1 : 2)
                .warmupIterations(quick ? 1 : 4)
                .warmupTime(TimeValue.milliseconds(quick ? 1500 : 2000))
                .measurementIterations(5)
                .measurementTime(TimeValue.milliseconds(quick ? 400 : 2000))
                .jvmArgsAppend(
                        "-XX:+UseSerialGC",
                        "-Xmx1g",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-D" + Stage.PROPERTY + "=" + stage.folder())
                .output(results.resolve(benchmark.getSimpleName() + ".log").toString());
        for (RunResult result : new Runner(options.build()).run()) {
            String name = result.getParams().getBenchmark();
            String key = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
            String size = result.getParams().getParam("bytes");
            var primary = result.getPrimaryResult();
            String unit = UNITS.getOrDefault(primary.getScoreUnit(), primary.getScoreUnit());
            figures.put(
                    size == null ? key : key + ":" + size, new Figure(primary.getScore(), primary.getScoreError(), unit));
        }
    }

    private Figure figure(String key) {
        Figure figure = figures.get(key);
        if (figure == null) {
            throw new IllegalStateException("found no result of " + key + " among " + figures.keySet());
        }
        return figure;
    }

    /** Benchmarks whose operation is one mebibyte. */
    private Figure rate(String key) {
        Figure figure = figure(key);
        return new Figure(figure.value(), figure.error(), "MiB/s");
    }
}
