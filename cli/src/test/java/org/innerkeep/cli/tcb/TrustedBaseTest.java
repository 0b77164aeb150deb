package org.innerkeep.cli.tcb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.innerkeep.cli.CommandLineOf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said to be inside the trust boundary, on programs small enough to know the answer. */
final class TrustedBaseTest {
    private static final String OFFERED =
            """
            interface Offered { String answer(Question question); }
            record Question(String text, Kind kind) {}
            sealed interface Kind {}
            record Plain(int size) implements Kind {}
            record Odd(Inner inner) implements Kind {}
            record Inner(long a) { Inner { Checked.check(a); } }
            final class Checked { static void check(long a) { if (a < 0) throw new IllegalArgumentException(); } }
            """;

    @TempDir
    private Path folder;

    private TrustedBase base(CompiledProgram program) throws Exception {
        return TrustedBase.of(program.pack(), folder.resolve("scratch"), 1 << 30);
    }

    private CompiledProgram program(String body, String... more) {
        return new CompiledProgram(folder)
                .program("public class Program implements EnclaveProgram {\n" + body + "\n}\n" + OFFERED + String.join("\n", more));
    }

    private static TrustedBase.Jar jar(TrustedBase base, String name) {
        return base.jars().stream().filter(jar -> jar.path().equals("lib/" + name + ".jar")).findFirst().orElseThrow();
    }

    @Test
    void whatNothingCallsIsNotReached() throws Exception {
        TrustedBase base = base(program("public void start(EnclaveContext enclave) { Used.work(); }")
                .library("Used", "public class Used { public static void work() {} public static void idle() { Unused.work(); } }")
                .library("Unused", "public class Unused { public static void work() {} }"));

        assertThat(jar(base, "Used").reached()).isEqualTo(1);
        assertThat(jar(base, "Unused").reached()).isZero();
        assertThat(jar(base, "Unused").classes()).isEqualTo(1);
        assertThat(jar(base, "Unused").reachedBytes()).isZero();
        assertThat(new TrustedBaseReport(base).json().toString())
                .contains("lib/Unused.jar: none of its 1 class can be reached");
    }

    @Test
    void aCallReachesEveryClassOfWhichAnObjectIsMadeAndNoOther() throws Exception {
        TrustedBase base = base(program(
                        "public void start(EnclaveContext enclave) { Shape shape = new Round(); shape.draw(); }")
                .library("Shape", "public interface Shape { void draw(); }")
                .library("Round", "public class Round implements Shape { public void draw() { RoundDraws.work(); } }")
                .library("RoundDraws", "public class RoundDraws { public static void work() {} }")
                .library("Square", "public class Square implements Shape { public void draw() { SquareDraws.work(); } }")
                .library("SquareDraws", "public class SquareDraws { public static void work() {} }"));

        assertThat(jar(base, "RoundDraws").reached()).isEqualTo(1);
        assertThat(jar(base, "Square").reached()).isZero();
        assertThat(jar(base, "SquareDraws").reached()).isZero();
    }

    @Test
    void whatTheJdkCallsOnAnObjectIsReached() throws Exception {
        TrustedBase base = base(program("public void start(EnclaveContext enclave) { new java.util.TreeSet<Object>(new Order()); }")
                .library("Order", "public class Order implements java.util.Comparator<Object> {"
                        + " public int compare(Object a, Object b) { return Compared.work(); }"
                        + " public void notCalled() { Quiet.work(); } }")
                .library("Compared", "public class Compared { public static int work() { return 0; } }")
                .library("Quiet", "public class Quiet { public static void work() {} }"));

        assertThat(jar(base, "Compared").reached()).isEqualTo(1);
        assertThat(jar(base, "Quiet").reached()).isZero();
    }

    @Test
    void lambdasMethodReferencesAndInitializersAreReached() throws Exception {
        TrustedBase base = base(program("public void start(EnclaveContext enclave) {"
                        + " Runnable a = () -> InLambda.work(); Runnable b = InReference::work; int c = Initialized.value; }")
                .library("InLambda", "public class InLambda { public static void work() {} }")
                .library("InReference", "public class InReference { public static void work() { Further.work(); } }")
                .library("Further", "public class Further { public static void work() {} }")
                .library("Initialized", "public class Initialized { public static int value = ByInitializer.work(); }")
                .library("ByInitializer", "public class ByInitializer { public static int work() { return 1; } }"));

        for (String name : List.of("InLambda", "InReference", "Further", "Initialized", "ByInitializer")) {
            assertThat(jar(base, name).reached()).as(name).isEqualTo(1);
        }
    }

    @Test
    void whatCallsCarryIsMadeByStrangersAndSoReached() throws Exception {
        TrustedBase base = base(program("public void start(EnclaveContext enclave) { enclave.offerToClients(Offered.class, q -> q.text()); }"));

        // Program, Question, Kind's two, Inner, and what Inner's constructor calls; interfaces have no code of their own.
        assertThat(jar(base, "program").reached()).isEqualTo(6);
        assertThat(base.offered()).singleElement().satisfies(offered -> {
            assertThat(offered.name()).isEqualTo("p.Offered");
            assertThat(offered.methods()).containsExactly("String answer(Question)");
        });
    }

    @Test
    void servicesAreReachedWhereCodeLooksForServices() throws Exception {
        String provider = "public class Provider implements Runnable { public void run() {} }";
        TrustedBase without = base(program("public void start(EnclaveContext enclave) {}")
                .library("Provider", provider).providing("Provider", "java.lang.Runnable", "l.Provider"));
        assertThat(jar(without, "Provider").reached()).isZero();

        Path other = java.nio.file.Files.createDirectory(folder.resolve("other"));
        TrustedBase with = TrustedBase.of(
                new CompiledProgram(other)
                        .program("public class Program implements EnclaveProgram { public void start(EnclaveContext enclave) {"
                                + " java.util.ServiceLoader.load(Runnable.class).forEach(Runnable::run); } }\n" + OFFERED)
                        .library("Provider", provider).providing("Provider", "java.lang.Runnable", "l.Provider").pack(),
                other.resolve("scratch"), 1 << 30);
        assertThat(jar(with, "Provider").reached()).isEqualTo(1);
        assertThat(with.uses()).containsKey(Door.BY_NAME);
    }

    @Test
    void doorsAreFoundWithTheCodeThatUsesThem() throws Exception {
        TrustedBase base = base(program("public void start(EnclaveContext enclave) throws Exception {"
                        + " enclave.counter(\"seen\"); enclave.seal(SealTo.SIGNER, new byte[1]); Reader.read(new byte[0]); }"
                        + " void unused() throws Exception { new ProcessBuilder(\"true\").start(); }")
                .library("Reader", "public class Reader { public static Object read(byte[] bytes) throws Exception {"
                        + " return new java.io.ObjectInputStream(new java.io.ByteArrayInputStream(bytes)).readObject(); } }"));

        assertThat(base.uses()).containsOnlyKeys(Door.TO_HOST, Door.TO_STORAGE, Door.DESERIALIZES);
        assertThat(base.uses().get(Door.DESERIALIZES)).singleElement().satisfies(use -> {
            assertThat(use.jar()).isEqualTo("lib/Reader.jar");
            assertThat(use.places()).containsExactly("l.Reader.read");
        });
    }

    @Test
    void theCommandPrintsItForPeopleAndForPrograms() throws Exception {
        Path bundle = program("public void start(EnclaveContext enclave) { enclave.counter(\"seen\"); }")
                .library("Unused", "public class Unused {}").pack();
        StringWriter text = new StringWriter();
        assertThat(CommandLineOf.innerkeep().setOut(new PrintWriter(text)).execute("inspect", "--tcb", bundle.toString())).isZero();
        assertThat(text.toString())
                .contains("inside     2 jars, ")
                .contains("native     none")
                .contains("runtime    1 module of the JDK, ")
                .contains("takes calls of clients, p.Offered\n      String answer(Question)")
                .contains("says something to the host in the clear:\n      lib/program.jar: p.Program.start")
                .contains("lib/Unused.jar: none of its 1 class can be reached");

        StringWriter json = new StringWriter();
        assertThat(CommandLineOf.innerkeep().setOut(new PrintWriter(json)).execute("inspect", "--tcb", "--json", bundle.toString())).isZero();
        assertThat(json.toString()).contains("\"to-host\": {\n      \"lib/program.jar\": [\n        \"p.Program.start\"");

        StringWriter wrong = new StringWriter();
        assertThat(CommandLineOf.innerkeep().setErr(new PrintWriter(wrong)).execute("inspect", "--sbom", "--tcb", bundle.toString())).isEqualTo(2);
        assertThat(wrong.toString()).contains("choose one");
    }
}
