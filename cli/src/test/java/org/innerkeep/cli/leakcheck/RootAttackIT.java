package org.innerkeep.cli.leakcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.innerkeep.channel.linux.Kernel;
import org.innerkeep.channel.linux.Machine;
import org.innerkeep.cli.leakcheck.AttackedEnclaves.Attacked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Root reads an enclave's memory in every way that changes nothing in it. Each way finds the secrets in an enclave with an
 * ordinary heap,
 * which is the control, and nothing of them in one with a secret heap. What succeeds all the same is in {@link InjectedCodeIT}.
 */
final class RootAttackIT {
    private static final int SECONDS_TO_CLEAR = 20;
    private static final Scan SCAN = new Scan(Secrets.needles());

    @TempDir
    private static Path temp;

    private static AttackedEnclaves enclaves;
    private static Attacked ordinary;
    private static Attacked secret;

    @BeforeAll
    static void start() throws Exception {
        enclaves = AttackedEnclaves.open(temp);
        ordinary = enclaves.start(false);
        secret = enclaves.start(true);
        if (!AttackedEnclaves.hasSecretMemory(secret.pid())) {
            Assumptions.abort("this machine gives no secret memory: 'innerkeep platforms' says why");
        }
        ordinary.holding().collect();
        secret.holding().collect();
    }

    @AfterAll
    static void end() throws Exception {
        for (AutoCloseable each : new AutoCloseable[] {secret, ordinary, enclaves}) {
            if (each != null) {
                each.close();
            }
        }
    }

    /** The same places of both; the control must show every form. */
    private static void findsAllInTheControlAndNothingInTheSecretHeap(Place control, Place attacked) {
        SCAN.of(List.of(control)).requireFound(List.of(Form.values()));
        ScanReport report = SCAN.of(List.of(attacked));

        assertThat(report.totalFound()).as(report.render()).isZero();
        assertThat(report.bytesRead()).as("the reader did read").isGreaterThan(4 << 20);
        assertThat(report.closedBytes()).as("and was refused the heap").isGreaterThanOrEqualTo(24 << 20);
        assertThat(report.unreadParts()).as(report.render()).isZero();
    }

    @Test
    void theFileOfItsMemory() {
        findsAllInTheControlAndNothingInTheSecretHeap(
                new Place.Memory("control", ordinary.pid()), new Place.Memory("enclave", secret.pid()));
    }

    @Test
    void theFileOfItsMemoryWhileItsGarbageIsCollected() throws Exception {
        Thread collecting = Thread.ofVirtual().start(() -> secret.holding().collect());
        int scans = 0;
        do {
            assertThat(SCAN.of(List.of(new Place.Memory("enclave", secret.pid()))).totalFound()).isZero();
            scans++;
        } while (!collecting.join(java.time.Duration.ZERO) && scans < 20);
        collecting.join();
        assertThat(secret.holding().held()).as("it holds them all the same").isEqualTo(ordinary.holding().held()).isGreaterThan(200);
    }

    @Test
    void copyingItsMemoryByASystemCall() {
        findsAllInTheControlAndNothingInTheSecretHeap(
                new Place.Memory("control", ordinary.pid(), Place.Memory.Way.CALL),
                new Place.Memory("enclave", secret.pid(), Place.Memory.Way.CALL));
    }

    /** By ptrace, a word at a time: of the control a word of a secret, of the secret heap the first word of every page. */
    @Test
    void peekingWordByWord() throws Exception {
        Kernel kernel = new Kernel(Machine.current().orElseThrow());
        ScanReport.Finding found = SCAN.of(List.of(new Place.Memory("control", ordinary.pid())))
                .places().getFirst().first().stream().filter(each -> each.form() == Form.KEY_RAW).findFirst().orElseThrow();
        try (StoppedThread thread = StoppedThread.stop(kernel, ordinary.pid())) {
            assertThat(thread.peek(found.offset())).isEqualTo(
                    java.nio.ByteBuffer.wrap(Secrets.key(Form.KEY_RAW)).order(java.nio.ByteOrder.nativeOrder()).getLong());
        }
        try (StoppedThread thread = StoppedThread.stop(kernel, secret.pid())) {
            int refused = 0;
            for (ProcFiles.Region region : ProcFiles.regions(Files.readString(Path.of("/proc/" + secret.pid() + "/maps")))) {
                for (long at = region.start(); region.secret() && at < region.end(); at += 4096) {
                    long address = at;
                    org.assertj.core.api.Assertions.assertThatIOException().isThrownBy(() -> thread.peek(address)).withMessageContaining("5");
                    refused++;
                }
            }
            assertThat(refused).isGreaterThanOrEqualTo((24 << 20) / 4096);
        }
    }

    @Test
    void theFilesBehindItsMappings() {
        // The heap of the control has no file. MemoryScanTest finds what lies in a file without a name in this way.
        ScanReport report = SCAN.of(List.of(new Place.MappedFiles("enclave", secret.pid())));

        assertThat(report.totalFound()).as(report.render()).isZero();
        assertThat(report.bytesRead()).isGreaterThan(4 << 20);
        assertThat(report.closedBytes()).isGreaterThanOrEqualTo(24 << 20);
    }

    @Test
    void theDescriptorsOfEnclaveAndKeeper() {
        for (long pid : new long[] {secret.pid(), enclaves.keeper()}) {
            ScanReport report = SCAN.of(List.of(new Place.Descriptors("descriptors", pid)));

            assertThat(report.totalFound()).as(report.render()).isZero();
            assertThat(report.unreadParts()).as(report.render()).isZero();
            assertThat(report.bytesRead()).as("its jars or its runtime at least").isGreaterThan(1 << 20);
        }
    }

    @Test
    void theKeepersMemory() {
        ScanReport report = SCAN.of(List.of(new Place.Memory("keeper", enclaves.keeper())));

        assertThat(report.totalFound()).as(report.render()).isZero();
        assertThat(report.closedBytes()).as("it maps no heap of its enclaves").isZero();
    }

    @Test
    void aCoreWrittenByADebugger() throws Exception {
        if (!Files.isExecutable(Path.of("/usr/bin/gdb"))) {
            Assumptions.abort("needs gdb");
        }
        for (Attacked each : List.of(ordinary, secret)) {
            Path folder = Files.createDirectory(temp.resolve("core-" + each.pid()));
            // Symbols of libraries are of no use here and take most of the time.
            run("gdb", "-nx", "-batch", "-iex", "set auto-solib-add off", "-p", Long.toString(each.pid()),
                    // What a process excludes from dumps too, which its secret memory is by itself.
                    "-ex", "set dump-excluded-mappings on",
                    "-ex", "gcore " + folder.resolve("core"), "-ex", "detach");
            ScanReport report = SCAN.of(List.of(new Place.Tree("core", folder)));
            if (each.equals(ordinary)) {
                report.requireFound(List.of(Form.values()));
            } else {
                assertThat(report.totalFound()).as(report.render()).isZero();
                assertThat(report.bytesRead()).isGreaterThan(4 << 20);
            }
            try (Stream<Path> cores = Files.list(folder)) {
                for (Path core : cores.toList()) {
                    Files.delete(core);
                }
            }
        }
    }

    /** Attaching is switched off in every enclave, with either heap; the control is a JVM as it comes. */
    @Test
    void theToolsOfTheJdk() throws Exception {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Path dump = temp.resolve("dump");
        try (Child plain = Child.holding(Form.values())) {
            run(jcmd.toString(), Long.toString(plain.pid()), "GC.heap_dump", dump.toString());
            SCAN.of(List.of(new Place.Tree("dump", dump))).requireFound(List.of(Form.KEY_RAW, Form.KEY_HEX, Form.TEXT_ROW));
            Files.delete(dump);
        }
        for (Attacked each : List.of(ordinary, secret)) {
            String said = run(jcmd.toString(), Long.toString(each.pid()), "GC.heap_dump", dump.toString());

            assertThat(said).doesNotContain("Heap dump file created");
            assertThat(dump).doesNotExist();
            assertThat(each.holding().held()).isPositive();
        }
    }

    /** A JVM that gets this signal prints the stacks of its threads; an enclave ends or, first in a process space of its own, goes on. */
    @Test
    void theSignalThatMakesAJvmTalk() throws Exception {
        Path folders = enclaves.folder().resolve("keeper/run");
        Set<Path> before = folders(folders);
        try (Attacked talking = enclaves.start(true)) {
            run("kill", "-QUIT", Long.toString(talking.pid()));
            try {
                talking.enclave().ended().toCompletableFuture().get(3, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                assertThat(talking.holding().held()).as("it did not end, so it serves").isPositive();
            }
        }
        // The keeper clears away the one that ended; what goes while it is searched was not searched.
        for (long end = System.nanoTime() + SECONDS_TO_CLEAR * 1_000_000_000L; System.nanoTime() < end && !folders(folders).equals(before); ) {
            Thread.sleep(20);
        }
        assertThat(folders(folders)).isEqualTo(before);
        SCAN.of(List.of(new Place.Tree("keeper's folder", folders))).requireNothing();
    }

    private static Set<Path> folders(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.collect(Collectors.toSet());
        }
    }

    /** Secret memory is locked: it cannot go to swap, whether there is any or not. */
    @Test
    void theWholeHeapIsLocked() throws IOException {
        long locked = kibibytes(secret.pid(), "VmLck");

        assertThat(locked).isGreaterThanOrEqualTo(24 << 10);
        assertThat(kibibytes(ordinary.pid(), "VmLck")).isZero();
        SCAN.of(List.of(new Place.Swap())).requireNothing();
    }

    /** The claim is of the Java heap alone: what native code and direct buffers hold is ordinary memory, and the scan finds it. */
    @Test
    void memoryOutsideTheHeapIsRead() throws Exception {
        try (Attacked holding = enclaves.start(true)) {
            Place memory = new Place.Memory("enclave", holding.pid());
            assertThat(SCAN.of(List.of(memory)).totalFound()).isZero();
            holding.holding().holdOutsideTheHeap();
            assertThat(SCAN.of(List.of(memory)).found()).containsOnlyKeys(Form.FLOAT32);
        }
    }

    @Test
    void codeThatRootInjectsReadsTheSecretHeap() throws Exception {
        if (!Machine.current().equals(Optional.of(Machine.X86_64))) {
            Assumptions.abort("the injected code is for x86-64");
        }
        Needles needles = Secrets.needles();
        Matcher.Search search = new Matcher(needles.patterns()).search();
        Set<Form> found = EnumSet.noneOf(Form.class);
        new InjectedCopy(new Kernel(Machine.X86_64), secret.pid()).read((address, part) ->
                search.run(Matcher.of(part), (needle, offset) -> found.add(needles.form(needle))));

        assertThat(found).containsExactly(Form.values());
        assertThat(secret.holding().held()).as("the enclave noticed nothing").isPositive();
    }

    private static long kibibytes(long pid, String what) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith(what + ":"))
                    .map(line -> line.replaceAll("\\D", ""))
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String run(String... command) throws Exception {
        Path said = Files.createTempFile(temp, "said", "");
        Process process = new ProcessBuilder(new ArrayList<>(List.of(command)))
                .redirectErrorStream(true).redirectOutput(said.toFile()).start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).as(command[0] + " ends").isTrue();
        return Files.readString(said);
    }
}
