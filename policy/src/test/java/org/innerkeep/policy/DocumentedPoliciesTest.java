package org.innerkeep.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The policies of Microsoft's public documentation, with what each makes of given claims. They are not in this repository; the
 * system property {@code innerkeep.policies} names their folder, which is else expected beside the repository.
 */
class DocumentedPoliciesTest {
    private static final Path FOLDER = Path.of(System.getProperty("innerkeep.policies", beside()));

    @TestFactory
    Stream<DynamicTest> eachDocumentedPolicyDecidesAsDocumented() throws IOException {
        if (!Files.exists(FOLDER.resolve("expected.json"))) {
            Assumptions.abort("NOT TESTED: no documented policies in " + FOLDER.toAbsolutePath()
                    + "; name their folder with -Dinnerkeep.policies");
        }
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonElement each : JsonParser.parseString(Files.readString(FOLDER.resolve("expected.json")))
                .getAsJsonArray()) {
            JsonObject one = each.getAsJsonObject();
            // A policy is a file or stands in the case itself. What has neither says something about the set, and is no case.
            if (one.has("policy") || one.has("inline")) {
                String name = one.has("policy") ? text(one, "policy") : "inline";
                tests.add(DynamicTest.dynamicTest(name + ": " + text(one, "case"), () -> check(one)));
            }
        }
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    private static String beside() {
        String shared = System.getenv("INNERKEEP_SHARED");
        Path folder =
                shared != null ? Path.of(shared) : Path.of(System.getProperty("innerkeep.root", ".."), "..", "shared");
        return folder.resolve("policies").toString();
    }

    private static void check(JsonObject one) {
        JsonObject expected = one.getAsJsonObject("expected");
        Parsed parsed =
                one.has("policy") ? Policy.parse(read(text(one, "policy"))) : Policy.parse(text(one, "inline"));
        List<Claim> incoming = one.has("incoming") ? claims(one.getAsJsonArray("incoming")) : List.of();
        // What a lenient reader would make of a wrong text is of no matter here: this one is strict. An error that the cases
        // expect may be one of the text or, as with a function's argument, one of the evaluation.
        if (expected.has("parse") && !text(expected, "parse").equals("ok")) {
            if (parsed instanceof Parsed.Valid valid) {
                assertThat(valid.policy().evaluate(incoming).outcome()).isEqualTo(Outcome.ERROR);
            }
            return;
        }
        Decision decision = parsed.orThrow().evaluate(incoming);
        if (!expected.has("decision")) {
            return;
        }

        assertThat(decision.outcome()).as("%s", decision).isEqualTo(outcome(text(expected, "decision")));
        assertThat(named(decision.issued())).isEqualTo(named(expected, "issued"));
        assertThat(named(decision.properties())).isEqualTo(named(expected, "properties"));
        assertThat(named(decision.configuration())).isEqualTo(named(expected, "configuration"));
        assertThat(parsed.orThrow().explain(incoming).decision()).isEqualTo(decision);
    }

    private static Outcome outcome(String name) {
        return switch (name) {
            case "permit" -> Outcome.PERMIT;
            case "deny" -> Outcome.DENY;
            case "none" -> Outcome.NO_PERMIT;
            case "error" -> Outcome.ERROR;
            default -> throw new IllegalArgumentException("no such decision: " + name);
        };
    }

    private static Map<String, List<ClaimValue>> named(List<Claim> claims) {
        return Decision.byType(claims);
    }

    private static Map<String, List<ClaimValue>> named(JsonObject expected, String field) {
        Map<String, List<ClaimValue>> all = new LinkedHashMap<>();
        Optional.ofNullable(expected.getAsJsonObject(field))
                .orElse(new JsonObject())
                .asMap()
                .forEach((type, value) -> {
                    JsonArray several = value.isJsonArray() ? value.getAsJsonArray() : new JsonArray();
                    if (!value.isJsonArray()) {
                        several.add(value);
                    }
                    all.put(
                            type,
                            several.asList().stream()
                                    .map(DocumentedPoliciesTest::value)
                                    .toList());
                });
        return all;
    }

    private static List<Claim> claims(JsonArray incoming) {
        List<Claim> claims = new ArrayList<>();
        for (JsonElement each : incoming) {
            JsonObject one = each.getAsJsonObject();
            Issuer issuer =
                    one.has("issuer") ? Issuer.of(text(one, "issuer")).orElseThrow() : Issuer.ATTESTATION_SERVICE;
            claims.add(new Claim(text(one, "type"), value(one.get("value")), issuer));
        }
        return claims;
    }

    /** What is no single value is a claim whose text is that JSON, as boot logs are. */
    private static ClaimValue value(JsonElement element) {
        if (!(element instanceof JsonPrimitive value)) {
            return ClaimValue.of(element.toString());
        }
        return value.isBoolean()
                ? ClaimValue.of(value.getAsBoolean())
                : value.isNumber() ? ClaimValue.of(value.getAsLong()) : ClaimValue.of(value.getAsString());
    }

    private static String text(JsonObject object, String name) {
        return object.get(name).getAsString();
    }

    private static byte[] read(String name) {
        try {
            return Files.readAllBytes(FOLDER.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
