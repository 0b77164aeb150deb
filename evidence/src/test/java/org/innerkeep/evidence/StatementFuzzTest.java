package org.innerkeep.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.FieldSource;

class StatementFuzzTest {
    private static final List<byte[]> SEEDS = List.of(
            seed("purpose", new byte[] {1, 2, 3}, new byte[] {1}),
            seed("another purpose", new byte[0], new byte[] {4, 5, 6, 7}));

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(5, SEEDS).run(50_000, input -> target(input, statement -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBug() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(5, SEEDS).run(50_000, input -> target(input, statement -> {
            if (statement.purpose().indexOf('~') >= 0 || statement.content().hex().startsWith("ff")) {
                throw new IllegalStateException("planted");
            }
        }));

        assertThat(finding).isPresent();
    }

    @FieldSource("SEEDS")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        target(data, statement -> {});
    }

    private static void target(byte[] input, Consumer<Statement> behind) {
        Statement statement;
        try {
            statement = Statement.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(statement.toByteArray()).isEqualTo(input);
        assertThat(statement.expectedReportData()).hasSize(ReportData.LENGTH);
        behind.accept(statement);
    }

    private static byte[] seed(String purpose, byte[] content, byte[] evidence) {
        return new Statement.Unsigned(purpose, Bytes.of(content))
                .sign(Samples.KEEPER.getPrivate(), Samples.KEEPER.getPublic(), evidence);
    }
}
