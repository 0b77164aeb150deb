package org.innerkeep.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.conscrypt.Conscrypt;
import org.innerkeep.bench.inside.Echo;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.host.Enclave;

/** What a user waits for from the command to its end, timed by the clock, ours and the peer's runs in turns. */
final class WholeProcess {
    private static final int FILE_MEBIBYTES = 256;
    private static final int LARGE_MEBIBYTES = 1024;
    private static final int PIPED_LITTLE = 100;
    private static final int PIPED_AGE = 1024;
    private static final String SMALL_HEAP = "24m";
    /** The system property that names the checkout. */
    private static final String HOME = "innerkeep.home";

    private static final String MAIN = "org.innerkeep.cli.Main";

    private final Stage stage;
    private final int runs;

    WholeProcess(Stage stage, int runs) {
        this.stage = stage;
        this.runs = runs;
    }

    /** Measures some ways to do the same in turns, after one turn that does not count. */
    private List<Figure> inTurns(String unit, List<Callable<Double>> ways) throws Exception {
        double[][] measured = new double[ways.size()][runs];
        for (int run = -1; run < runs; run++) {
            for (int way = 0; way < ways.size(); way++) {
                double value = ways.get(way).call();
                if (run >= 0) {
                    measured[way][run] = value;
                }
            }
        }
        return Arrays.stream(measured).map(values -> Figure.median(values, unit)).toList();
    }

    /** From the start of an enclave to the first reply that a client gets from it, which it trusts by then. */
    Comparison startToFirstCall() throws Exception {
        Trust trust = stage.trust();
        String hello = Hello.class.getName();
        List<Figure> figures = inTurns(
                "ms",
                List.of(
                        () -> firstCall(trust),
                        () -> 1000 * seconds(Child.command(List.of("-Xshare:off"), hello)),
                        () -> 1000 * seconds(Child.command(List.of(), hello))));
        return new Comparison("start to first attested call", figures.get(0))
                .with("a JVM that says hello, without class data archive as in enclaves", figures.get(1))
                .with("a JVM that says hello", figures.get(2));
    }

    private double firstCall(Trust trust) throws IOException {
        long begin = System.nanoTime();
        try (Enclave enclave = stage.startEnclave()) {
            InetSocketAddress address = enclave.listen(Stage.anyPort());
            try (Client client = Client.connect(address, trust)) {
                client.bind(Echo.class).echo(new byte[64]);
                return (System.nanoTime() - begin) / 1e6;
            }
        }
    }

    static boolean onPath(String command) {
        return List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, command)));
    }

    /** {@return whether the age tool is here to be compared with} */
    static boolean hasAge() {
        return onPath("age");
    }

    /** {@return whether a process can be bound to one processor} */
    static boolean hasTaskset() {
        return onPath("taskset");
    }

    /** Our command, as it is started from a checkout. */
    private static List<String> innerkeep(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty(HOME), "innerkeep").toString()));
        command.addAll(arguments);
        return command;
    }

    /** Our command by the JVM itself, from the same jars. */
    private static List<String> java(List<String> flags, boolean conscrypt, List<String> arguments) {
        String jars = Path.of(System.getProperty(HOME), "cli", "target", "lib") + "/*";
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(flags);
        command.addAll(List.of("-cp", conscrypt ? jars + ":" + jarOf(Conscrypt.class) : jars, MAIN));
        command.addAll(arguments);
        return command;
    }

    private static Path jarOf(Class<?> type) {
        return Opened.of(() -> Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()));
    }

    private static List<String> onOneProcessor(List<String> command) {
        List<String> bound = new ArrayList<>(List.of("taskset", "-c", "0"));
        bound.addAll(command);
        return bound;
    }

    /** Makes keys of the kind that every version of the tool knows; what the other costs is a row of its own. {@return the recipient} */
    private String keys(Path keyFile) throws IOException {
        try (Identity identity = Identity.generate(KeyKind.CLASSIC, new SecureRandom());
                OutputStream key = Files.newOutputStream(keyFile)) {
            identity.writeFile(key, Instant.now());
            return identity.recipient().toString();
        }
    }

    private static void noise(Path file, int mebibytes) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] block = new byte[1 << 20];
            Random random = new Random(256);
            for (int i = 0; i < mebibytes; i++) {
                random.nextBytes(block);
                out.write(block);
            }
        }
    }

    /** The seal and unseal commands against the age tool, from file to file, each opening what the other sealed. */
    List<Comparison> sealedFile() throws Exception {
        Path plain = stage.folder().resolve("plain");
        Path keyFile = stage.folder().resolve("identity.age");
        String recipient = keys(keyFile);
        noise(plain, FILE_MEBIBYTES);
        String in = plain.toString();
        String key = keyFile.toString();
        String ours = stage.folder().resolve("ours.age").toString();
        String theirs = stage.folder().resolve("theirs.age").toString();
        String opened = stage.folder().resolve("opened").toString();
        List<Figure> sealing = inTurns(
                "s",
                List.of(
                        () -> seconds(innerkeep(List.of("seal", "-r", recipient, in, "-o", ours))),
                        () -> seconds(List.of("age", "-r", recipient, "-o", theirs, in))));
        List<Figure> unsealing = inTurns(
                "s",
                List.of(
                        () -> seconds(List.of("age", "-d", "-i", key, "-o", opened, ours)),
                        () -> seconds(innerkeep(List.of("unseal", "-i", key, theirs, "-o", opened)))));
        if (Files.mismatch(plain, Path.of(opened)) >= 0) {
            throw new IOException("what was unsealed is not what was sealed");
        }
        for (String file : List.of(in, key, ours, theirs, opened)) {
            Files.delete(Path.of(file));
        }
        return List.of(
                new Comparison("innerkeep seal, " + FILE_MEBIBYTES + " MiB, file to file", sealing.get(0)).with("age", sealing.get(1)),
                new Comparison("innerkeep unseal, " + FILE_MEBIBYTES + " MiB, file to file", unsealing.get(1))
                        .with("age", unsealing.get(0)));
    }

    /**
     * A larger file, to nowhere, so that no disk is timed; by all processors and by one.
     *
     * @param encrypt the bare cipher's rate on one processor in MiB/s
     * @param decrypt that of decryption
     */
    List<Comparison> largeFile(Figure encrypt, Figure decrypt) throws Exception {
        Path plain = stage.folder().resolve("large");
        Path sealed = stage.folder().resolve("large.age");
        Path keyFile = stage.folder().resolve("large-identity.age");
        String recipient = keys(keyFile);
        noise(plain, LARGE_MEBIBYTES);
        seconds(innerkeep(List.of("seal", "-r", recipient, plain.toString(), "-o", sealed.toString())));
        List<Comparison> found = new ArrayList<>();
        found.addAll(largeFile(List.of("seal", "-r", recipient, plain.toString(), "-o", "-"),
                List.of("age", "-r", recipient, plain.toString()), encrypt));
        found.addAll(largeFile(List.of("unseal", "-i", keyFile.toString(), sealed.toString(), "-o", "-"),
                List.of("age", "-d", "-i", keyFile.toString(), sealed.toString()), decrypt));
        for (Path file : List.of(plain, sealed, keyFile)) {
            Files.delete(file);
        }
        return found;
    }

    private List<Comparison> largeFile(List<String> arguments, List<String> age, Figure bare) throws Exception {
        List<String> ours = innerkeep(arguments);
        List<String> faster = java(List.of(), true, arguments);
        List<Callable<Double>> ways = new ArrayList<>(List.of(() -> seconds(ours), () -> seconds(faster), () -> seconds(age)));
        if (hasTaskset()) {
            ways.add(() -> seconds(onOneProcessor(ours)));
            ways.add(() -> seconds(onOneProcessor(faster)));
            ways.add(() -> seconds(onOneProcessor(age)));
        }
        List<Figure> figures = inTurns("s", ways);
        String name = "innerkeep " + arguments.getFirst() + ", " + LARGE_MEBIBYTES + " MiB";
        List<Comparison> found = new ArrayList<>();
        found.add(new Comparison(name + ", all processors", figures.get(0)).with("age", figures.get(2)));
        found.add(new Comparison(name + ", all processors, Conscrypt", figures.get(1)).with("age", figures.get(2)));
        if (hasTaskset()) {
            String limit = "JDK ChaCha20-Poly1305 alone, warm";
            Figure alone = new Figure(LARGE_MEBIBYTES / bare.value(), Double.NaN, "s");
            found.add(new Comparison(name + ", one processor", figures.get(3)).with("age", figures.get(5)).with(limit, alone));
            found.add(new Comparison(name + ", one processor, Conscrypt", figures.get(4)).with("age", figures.get(5)).with(limit, alone));
        }
        return found;
    }

    /** Sealed and unsealed again through pipes: far more than would be in memory, and what it takes beside what little takes. */
    List<Comparison> piped(int mebibytes) throws Exception {
        Path keyFile = stage.folder().resolve("piped-identity.age");
        String recipient = keys(keyFile);
        List<String> flags = List.of("-Xmx" + SMALL_HEAP);
        List<List<String>> ours = List.of(
                java(flags, false, List.of("seal", "-r", recipient, "-", "-o", "-")),
                java(flags, false, List.of("unseal", "-i", keyFile.toString(), "-", "-o", "-")));
        List<List<String>> age =
                List.of(List.of("age", "-r", recipient), List.of("age", "-d", "-i", keyFile.toString()));
        Piped little = Piped.run(ours, PIPED_LITTLE);
        Piped much = Piped.run(ours, mebibytes);
        Comparison rate = new Comparison(
                "innerkeep seal | unseal, " + mebibytes + " MiB made on the fly", new Figure(much.mebibytesPerSecond(), Double.NaN, "MiB/s"));
        if (hasAge()) {
            // Less: its rate does not depend on it, and it would take long.
            rate.with("age | age -d, " + PIPED_AGE + " MiB", new Figure(Piped.run(age, PIPED_AGE).mebibytesPerSecond(), Double.NaN, "MiB/s"));
        }
        List<Comparison> found = new ArrayList<>(List.of(rate));
        for (int i = 0; i < 2; i++) {
            found.add(new Comparison(
                            "    peak resident memory of " + (i == 0 ? "seal" : "unseal") + ", -Xmx" + SMALL_HEAP,
                            new Figure(much.peaks().get(i), Double.NaN, "MiB"))
                    .with(PIPED_LITTLE + " MiB through the same", new Figure(little.peaks().get(i), Double.NaN, "MiB")));
        }
        Files.delete(keyFile);
        return found;
    }

    /** Runs a command to its end, its output to nowhere. */
    private static double seconds(List<String> command) throws IOException, InterruptedException {
        Path errors = Files.createTempFile("innerkeep-bench", ".errors");
        try {
            long begin = System.nanoTime();
            int code = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(errors.toFile())
                    .start()
                    .waitFor();
            double seconds = (System.nanoTime() - begin) / 1e9;
            if (code != 0) {
                throw new IOException(String.join(" ", command) + " ended with " + code + ":\n" + Files.readString(errors));
            }
            return seconds;
        } finally {
            Files.delete(errors);
        }
    }
}
