package org.innerkeep.cli.tcb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Code that works for nobody but the host is found; code that may see what clients brought is not taken for it. */
final class HostOnlyCodeTest {
    private static final String OFFERED =
            """
            interface Offered { String answer(String question); }
            @org.innerkeep.channel.call.HostVisible interface Table { void load(String text); }
            """;

    @TempDir
    private Path folder;

    private HostOnlyCode.Found found(String load, String answer) throws Exception {
        Path bundle = new CompiledProgram(folder)
                .offeringToHost("p.Table")
                .program("public class Program implements EnclaveProgram {\n"
                        + "public void start(EnclaveContext enclave) {\n"
                        + "Loaded loaded = new Loaded(enclave);\n"
                        + "enclave.offerToHost(Table.class, loaded);\n"
                        + "enclave.offerToClients(Offered.class, new Answering(loaded)); } }\n"
                        + "class Loaded implements Table { EnclaveContext enclave; String text = \"\"; String asked = \"\";\n"
                        + "Loaded(EnclaveContext enclave) { this.enclave = enclave; }\n"
                        + "public void load(String given) { " + load + " } }\n"
                        + "class Answering implements Offered { Loaded loaded; Answering(Loaded loaded) { this.loaded = loaded; }\n"
                        + "public String answer(String question) { " + answer + " } }\n"
                        + OFFERED)
                .library("Parser", "public class Parser { public static String parse(String text) { return Part.of(text); } }")
                .library("Part", "public class Part { public static String of(String text) { return text.strip(); } }")
                .pack();
        return Tcb.hostOnly(bundle, 1 << 30);
    }

    @Test
    void aParserThatOnlyTheHostsCallReachesIsFound() throws Exception {
        HostOnlyCode.Found found = found("text = Parser.parse(given);", "return loaded.text;");

        assertThat(found.code()).extracting(HostOnlyCode::jar).containsExactlyInAnyOrder("lib/Parser.jar", "lib/Part.jar");
        assertThat(found.code()).allSatisfy(each -> {
            assertThat(each.classes()).isOne();
            assertThat(each.bytes()).isPositive().isLessThan(found.reachedBytes());
            assertThat(each.from()).containsExactly("Table.load");
        });
    }

    @Test
    void aParserThatClientsReachTooIsNot() throws Exception {
        assertThat(found("text = Parser.parse(given);", "return Part.of(question);").code())
                .extracting(HostOnlyCode::jar)
                .containsExactly("lib/Parser.jar");
    }

    @Test
    void whatReadsWhatClientsBroughtStaysInside() throws Exception {
        assertThat(found("text = Parser.parse(asked);", "loaded.asked = question; return loaded.text;").code()).isEmpty();
    }

    @Test
    void whatOpensSealedValuesStaysInside() throws Exception {
        assertThat(found(
                                "try { text = Parser.parse(new String(((EnclaveContext) null).unseal(given.getBytes())));"
                                        + " } catch (Exception e) { text = given; }",
                                "return loaded.text;")
                        .code())
                .isEmpty();
    }
}
