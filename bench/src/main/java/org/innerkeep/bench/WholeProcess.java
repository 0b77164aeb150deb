package org.innerkeep.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.innerkeep.bench.inside.Echo;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.host.Enclave;

/** What a user waits for from the command to its end, timed by the clock, ours and the peer's runs in turns. */
final class WholeProcess {
    private static final int FILE_MEBIBYTES = 256;
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

    /** {@return whether the age tool is here to be compared with} */
    static boolean hasAge() {
        return List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "age")));
    }

    /** The seal and unseal commands against the age tool, on one file of random bytes. */
    List<Comparison> sealedFile() throws Exception {
        Path plain = stage.folder().resolve("plain");
        Path keyFile = stage.folder().resolve("identity.age");
        String recipient;
        // The kind that every version of the tool knows; what the other costs is a row of its own.
        try (Identity identity = Identity.generate(KeyKind.CLASSIC, new SecureRandom());
                OutputStream key = Files.newOutputStream(keyFile)) {
            identity.writeFile(key, Instant.now());
            recipient = identity.recipient().toString();
        }
        try (OutputStream out = Files.newOutputStream(plain)) {
            byte[] block = new byte[1 << 20];
            Random random = new Random(256);
            for (int i = 0; i < FILE_MEBIBYTES; i++) {
                random.nextBytes(block);
                out.write(block);
            }
        }
        String in = plain.toString();
        String ours = stage.folder().resolve("ours.age").toString();
        String theirs = stage.folder().resolve("theirs.age").toString();
        String opened = stage.folder().resolve("opened").toString();
        List<String> flags = List.of("--enable-native-access=ALL-UNNAMED");
        List<Figure> sealing = inTurns(
                "s",
                List.of(
                        () -> seconds(Child.command(flags, MAIN, "seal", "-r", recipient, in, "-o", ours)),
                        () -> seconds(List.of("age", "-r", recipient, "-o", theirs, in))));
        List<Figure> unsealing = inTurns(
                "s",
                List.of(
                        () -> seconds(List.of("age", "-d", "-i", keyFile.toString(), "-o", opened, ours)),
                        () -> seconds(Child.command(
                                flags, MAIN, "unseal", "-i", keyFile.toString(), theirs, "-o", opened))));
        if (Files.mismatch(plain, Path.of(opened)) >= 0) {
            throw new IOException("what was unsealed is not what was sealed");
        }
        for (String file : List.of(in, ours, theirs, opened)) {
            Files.delete(Path.of(file));
        }
        return List.of(
                new Comparison("innerkeep seal, " + FILE_MEBIBYTES + " MiB", sealing.get(0)).with("age", sealing.get(1)),
                new Comparison("innerkeep unseal, " + FILE_MEBIBYTES + " MiB", unsealing.get(1)).with("age", unsealing.get(0)));
    }

    /** Runs a command to its end. */
    private static double seconds(List<String> command) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        double seconds = (System.nanoTime() - begin) / 1e9;
        if (code != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + code + ":\n" + said);
        }
        return seconds;
    }
}
