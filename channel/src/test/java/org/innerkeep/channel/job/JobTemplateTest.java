package org.innerkeep.channel.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import java.util.stream.Stream;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JobTemplateTest {
    private static final String WRITTEN =
            """
            {"innerkeep-job-template": 1, "name": "two-centres",
             "columns": ["age", "size (mm)"], "label": "dead",
             "parameters": {"rounds": 60, "kind": "tree"},
             "minimumRecords": 10,
             "owners": ["north", "south"]}
            """;

    @Test
    void readsEveryField() throws JobException {
        JobTemplate template = JobTemplate.parse(WRITTEN.getBytes(UTF_8));

        assertThat(template.name()).isEqualTo("two-centres");
        assertThat(template.columns()).containsExactly("age", "size (mm)");
        assertThat(template.label()).isEqualTo("dead");
        assertThat(template.parameters())
                .containsExactly(
                        Map.entry("rounds", JobParameter.number("60")), Map.entry("kind", new JobParameter.Text("tree")));
        assertThat(template.minimumRecords()).isEqualTo(10);
        assertThat(template.owners()).containsExactly("north", "south");
    }

    @Test
    void becomesAJobOnceThereIsCodeAndEverybodyHasKeys() throws JobException {
        JobTemplate template = JobTemplate.parse(WRITTEN.getBytes(UTF_8));
        Job job = template.draft(Jobs.code())
                .owner(new JobOwner("north", Jobs.key(Jobs.NORTH)))
                .recipient(new JobRecipient("north", Jobs.recipient('q')))
                .toJob();

        assertThat(job.name()).isEqualTo("two-centres");
        assertThat(job.code()).isEqualTo(Jobs.code());
        assertThat(job.columns()).isEqualTo(template.columns());
        assertThat(job.label()).isEqualTo("dead");
        assertThat(job.parameters()).isEqualTo(template.parameters());
        assertThat(job.minimumRecords()).isEqualTo(10);
    }

    static Stream<Arguments> mutations() {
        return Stream.of(
                Arguments.of("a job", "innerkeep-job-template", "innerkeep-job", "innerkeep-job-template is missing"),
                Arguments.of("a later version", "template\": 1", "template\": 2", "innerkeep-job-template: expected"),
                Arguments.of("code, which only a run knows", "\"label\"", "\"code\": {}, \"label\"", "\"code\" is unknown"),
                Arguments.of("an owner with a key", "\"north\"", "{\"name\": \"north\"}", "owners: expected a string"),
                Arguments.of("an owner twice", "\"south\"", "\"north\"", "owners: the name \"north\" comes twice"),
                Arguments.of("an owner that is a path", "\"south\"", "\"../south\"", "owners: expected 1 to 64"),
                Arguments.of("no owner", "[\"north\", \"south\"]", "[]", "owners: expected 1 to 64 items"),
                Arguments.of("a column twice", "\"size (mm)\"", "\"age\"", "columns: \"age\" comes twice"),
                Arguments.of("the label among the columns", "\"dead\"", "\"age\"", "label: is also among"),
                Arguments.of("no records", "\"minimumRecords\": 10", "\"minimumRecords\": 0", "minimumRecords: expected"),
                Arguments.of("more after it", "\"south\"]}", "\"south\"]} x", "expected the end"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutations")
    void refuses(String name, String from, String to, String message) {
        assertThat(WRITTEN).contains(from);
        assertThatExceptionOfType(JobException.class)
                .isThrownBy(() -> JobTemplate.parse(WRITTEN.replace(from, to).getBytes(UTF_8)))
                .withMessageContaining(message);
    }

    @Test
    void survivesHostileBytes() {
        assertThat(new Fuzzer(1, java.util.List.of(WRITTEN.getBytes(UTF_8))).run(30_000, input -> {
                    try {
                        assertThat(JobTemplate.parse(input).owners()).isNotEmpty();
                    } catch (JobException e) {
                        assertThat(e.getMessage()).matches("[ -~…]+");
                    }
                }))
                .isEmpty();
    }
}
