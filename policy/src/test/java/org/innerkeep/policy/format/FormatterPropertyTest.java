package org.innerkeep.policy.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.innerkeep.fuzz.Fuzzer;
import org.innerkeep.policy.Parsed;
import org.innerkeep.policy.Policy;
import org.innerkeep.policy.tree.Comment;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The layout changes nothing but space: over random policies, mutated ones, and those of the documentation. */
class FormatterPropertyTest {
    private static final String[] SPACES =
            {"", " ", "\n", "\t", "\r\n", "  \n\n", " // note\n", "\n//\n", "\n\n\n// a \"b\" c  \n"};
    private static final String[] EXPRESSIONS = {
        "\"x\"", "\"a\\\\\\\"\"", "\"two\nlines // no comment\"", "0x1F", "-7", "9223372036854775807", "true", "false"
    };

    private final SplittableRandom random = new SplittableRandom(31);

    private String pick(String... of) {
        return of[random.nextInt(of.length)];
    }

    private String space() {
        return random.nextInt(3) == 0 ? pick(SPACES) : "";
    }

    private String spaced(String... tokens) {
        StringBuilder out = new StringBuilder();
        for (String token : tokens) {
            out.append(token).append(space());
        }
        return out.toString();
    }

    private String expression(int depth) {
        return depth < 3 && random.nextInt(3) == 0
                ? spaced("AppendString", "(", expression(depth + 1), ",", expression(depth + 1), ")")
                : pick(EXPRESSIONS);
    }

    private String rule(String action) {
        StringBuilder out = new StringBuilder();
        int conditions = random.nextInt(4);
        for (int i = 0; i < conditions; i++) {
            out.append(i == 0 ? "" : spaced("&&")).append(spaced(pick("", "!")))
                    .append(random.nextBoolean() ? spaced("c" + i, ":") : "");
            out.append(spaced("[", "type", "==", "\"t\"", ",", "value", pick("==", "!=", "<", ">="), expression(0), "]"));
        }
        return out + spaced("=>", action, ";");
    }

    private String policy() {
        StringBuilder out = new StringBuilder(spaced("", "version", "=", "1.2", ";", "authorizationrules", "{"));
        for (int i = random.nextInt(4); i > 0; i--) {
            out.append(rule(spaced(pick("permit", "deny"), "(", ")")));
        }
        out.append(spaced("}", ";", "issuancerules", "{"));
        for (int i = random.nextInt(4); i > 0; i--) {
            out.append(rule(spaced("issue", "(", "type", "=", "\"made\"", ",", "value", "=", expression(0), ")")));
        }
        return out + spaced("}", ";");
    }

    @Test
    void randomPoliciesMeanTheSameAndAreNotChangedTwice() {
        for (int i = 0; i < 5_000; i++) {
            check(Policy.parse(policy()).orThrow());
        }
    }

    @Test
    void mutatedPoliciesMeanTheSameAndAreNotChangedTwice() {
        List<byte[]> seeds = Stream.generate(this::policy).limit(20).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
        AtomicInteger valid = new AtomicInteger();
        assertThat(new Fuzzer(32, seeds).run(30_000, input -> {
            if (Policy.parse(input) instanceof Parsed.Valid parsed) {
                check(parsed.policy());
                valid.incrementAndGet();
            }
        })).isEmpty();
        assertThat(valid).hasValueGreaterThan(100);
    }

    @Test
    void documentedPoliciesMeanTheSameAndAreNotChangedTwice() throws IOException {
        Path folder = Path.of(System.getProperty("innerkeep.root", ".."))
                .resolve(System.getProperty("innerkeep.policies", "../shared/policies"));
        if (!Files.isDirectory(folder)) {
            Assumptions.abort("NOT TESTED: no documented policies in " + folder.toAbsolutePath());
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".txt")).toList()) {
                if (Policy.parse(Files.readAllBytes(file)) instanceof Parsed.Valid valid) {
                    check(valid.policy());
                }
            }
        }
    }

    private static void check(Policy policy) {
        Formatter.format(policy).ifPresent(text -> {
            Policy again = Policy.parse(text).orThrow();
            assertThat(withoutPlaces(again)).as(text).isEqualTo(withoutPlaces(policy));
            assertThat(comments(again)).as(text).isEqualTo(comments(policy));
            assertThat(Formatter.format(again)).contains(text);
        });
    }

    /** The tree as text; places are the only thing in it that the layout may change. */
    private static String withoutPlaces(Policy policy) {
        return (policy.version() + " " + policy.tree().sections()).replaceAll("line \\d+, column \\d+", "");
    }

    private static List<String> comments(Policy policy) {
        return policy.tree().comments().stream().map(Comment::text).map(String::stripTrailing).toList();
    }
}
