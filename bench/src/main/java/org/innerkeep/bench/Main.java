package org.innerkeep.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs every comparison and prints one table. */
public final class Main {
    private static final List<Class<?>> BENCHMARKS = List.of(
            BoundaryCall.class, SessionCall.class, Sealing.class, SealingHeader.class, LeakScan.class, Verification.class,
            RecordCodec.class);

    /** Units as JMH prints them, and as they are meant. */
    private static final Map<String, String> UNITS =
            Map.of("us/op", "µs", "ms/op", "ms", "ns/op", "ns", "ops/s", "/s");

    private final boolean quick;
    private final Stage stage;
    private final Report report;
    private final Path results;
    private final PrintStream progress;
    private final Map<String, Figure> figures = new TreeMap<>();

    private Main(boolean quick, Stage stage, Path results, PrintStream progress) {
        this.quick = quick;
        this.stage = stage;
        this.report = new Report(quick);
        this.results = results;
        this.progress = progress;
    }

    /**
     * Measures.
     *
     * @param arguments the folder for results, and perhaps {@code --quick}
     * @throws Exception if a benchmark fails
     */
    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        if (given.isEmpty() || given.size() > 2 || (given.size() == 2 && !given.get(1).equals("--quick"))) {
            System.err.println("usage: bench/run [--quick]");
            System.exit(2);
        }
        Path results = Files.createDirectories(Path.of(given.getFirst()));
        PrintStream progress = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        Stage stage = Stage.build();
        Child keeper = stage.startKeeper();
        // Also where somebody loses patience.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> clear(keeper, stage)));
        Main main = new Main(given.size() == 2, stage, results, progress);
        main.measure();
        main.report.write(results.resolve("results.json"));
        new PrintStream(System.out, true, StandardCharsets.UTF_8).print(main.report.table());
    }

    private static void clear(Child keeper, Stage stage) {
        keeper.close();
        try {
            stage.delete();
        } catch (IOException e) {
            System.err.println("bench: " + stage.folder() + " could not be removed: " + e.getMessage());
        }
    }

    private void measure() throws Exception {
        WholeProcess whole = new WholeProcess(stage, quick ? 3 : 9);
        progress.println("start to first call …");
        Comparison start = whole.startToFirstCall();
        for (Class<?> benchmark : BENCHMARKS) {
            progress.println(benchmark.getSimpleName() + " …");
            run(benchmark);
        }
        calls();
        report.add(start);
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
        if (WholeProcess.hasAge()) {
            progress.println("seal and unseal against age …");
            WholeProcess files = new WholeProcess(stage, quick ? 2 : 5);
            files.sealedFile().forEach(report::add);
            files.largeFile(rate("Sealing.encrypt"), rate("Sealing.decrypt")).forEach(report::add);
            if (!WholeProcess.hasTaskset()) {
                report.skip("seal and unseal on one processor: taskset is missing, apt-get install util-linux");
            }
        } else {
            report.skip("seal and unseal as whole processes: age is missing, apt-get install age");
        }
        progress.println("seal and unseal through pipes …");
        whole.piped(quick ? 2 * 1024 : 10 * 1024).forEach(report::add);
        report.add(new Comparison("leakcheck's scan for 569 rows of 30 numbers", rate("LeakScan.scan"))
                .with("only reading the bytes", rate("LeakScan.readOnly")));
        report.add(new Comparison("keeper reports verified", figure("Verification.evidence"))
                .with("P-256 signatures verified", figure("Verification.signatureOnly")));
        report.add(new Comparison("encode a record of five fields", figure("RecordCodec.encode"))
                .with("by hand, unchecked", figure("RecordCodec.encodeByHand")));
        report.add(new Comparison("decode a record of five fields", figure("RecordCodec.decode"))
                .with("by hand, unchecked", figure("RecordCodec.decodeByHand")));
    }

    private void calls() {
        for (var size : List.of(Map.entry("64", "64 B"), Map.entry("65536", "64 KiB"))) {
            String bytes = ":" + size.getKey();
            report.add(new Comparison("host calls enclave and back, " + size.getValue(), figure("BoundaryCall.enclave" + bytes))
                    .with("bare Unix-domain socket between two JVMs", figure("BoundaryCall.rawSocket" + bytes))
                    .with("the same calls in one JVM over pipes", figure("BoundaryCall.oneJvm" + bytes)));
        }
        for (var size : List.of(Map.entry("64", "64 B"), Map.entry("65536", "64 KiB"))) {
            String bytes = ":" + size.getKey();
            report.add(new Comparison(
                            "client calls enclave through its host, " + size.getValue(), figure("SessionCall.attested" + bytes))
                    .with("plain TLS 1.3 of the JDK, no host between", figure("SessionCall.plainTls" + bytes)));
        }
        report.add(new Comparison("client and enclave: 16 MiB in and out as streams", figure("SessionCall.streamAttested"))
                .with("plain TLS 1.3, 16 MiB there and back", figure("SessionCall.streamPlainTls")));
        report.add(new Comparison("new attested session, both appraisals", figure("SessionCall.connectAttested"))
                .with("new plain TLS 1.3 connection", figure("SessionCall.connectPlainTls")));
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
