package org.innerkeep.policy.jmespath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.innerkeep.policy.json.Json;
import org.innerkeep.policy.json.JsonException;
import org.innerkeep.policy.json.JsonLimits;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The compliance suite of jmespath.org, every case of it. It stands beside the repository and not in it:
 * {@code -Dinnerkeep.standards=DIR} says where, {@code ../shared/standards} unless it is given.
 */
class JmesPathSuiteTest {
    static Path folder() {
        Path root = Path.of(System.getProperty("innerkeep.root", ".."));
        Path folder = root.resolve(System.getProperty("innerkeep.standards", "../shared/standards")).resolve("jmespath");
        if (!Files.isDirectory(folder)) {
            Assumptions.abort("the JMESPath suite is missing: no folder " + folder + "; give one with -Dinnerkeep.standards=DIR");
        }
        return folder;
    }

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder())) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
    }

    @TestFactory
    Stream<DynamicTest> everyCaseGivesItsResultOrItsKindOfError() throws IOException, JsonException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path file : files()) {
            for (Json group : ((Json.Arr) Json.parse(Files.readAllBytes(file), JsonLimits.CLAIM)).items()) {
                Json given = ((Json.Obj) group).find("given").orElseThrow();
                for (Json each : ((Json.Arr) ((Json.Obj) group).find("cases").orElseThrow()).items()) {
                    String expression = text((Json.Obj) each, "expression");
                    tests.add(dynamicTest(file.getFileName() + " " + expression,
                            () -> check(expression, given, (Json.Obj) each)));
                }
            }
        }
        assertThat(tests).hasSizeGreaterThan(800);
        System.out.println("JMESPath suite: " + tests.size() + " cases");
        return tests.stream();
    }

    private static void check(String expression, Json given, Json.Obj wanted) throws JmesPathException {
        if (wanted.find("error").isPresent()) {
            JmesPathException.Kind kind = JmesPathException.Kind.valueOf(
                    text(wanted, "error").replace('-', '_').toUpperCase(Locale.ROOT));
            assertThatThrownBy(() -> JmesPath.compile(expression).search(given, Budget.standard()))
                    .isInstanceOfSatisfying(JmesPathException.class,
                            e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
            return;
        }
        Json result = JmesPath.compile(expression).search(given, Budget.standard());
        // A case of the benchmarks has no result; it must be answered.
        wanted.find("result").ifPresent(value -> assertThat(result).isEqualTo(value));
    }

    private static String text(Json.Obj object, String name) {
        return object.find(name).map(value -> ((Json.Text) value).value()).orElseThrow();
    }
}
