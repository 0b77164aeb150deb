package org.innerkeep.vault.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.longs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.MalformedException;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What must hold of every policy and every token, on policies and claims that are drawn at random from few names and values. */
class ReleaseRulesPropertiesTest {
    private static final StrictJson JSON = StrictJson.upTo(1 << 20);
    private static final List<String> ISSUERS = List.of("https://one.example", "https://two.example");
    private static final List<String> NAMES = List.of("a", "b", "c.d", "c.e");
    private static final List<String> VALUES = List.of("true", "false", "\"true\"", "0", "1", "\"1\"", "\"x\"");

    /** A policy as its parts, so that it can be written again with one more. */
    private record Drawn(SplittableRandom random) {
        private <T> T one(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        String leaf() {
            return "{\"claim\":\"" + one(NAMES) + "\",\"equals\":" + one(VALUES) + "}";
        }

        List<String> parts(int depth) {
            List<String> parts = new ArrayList<>();
            int count = 1 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                parts.add(depth == 0 || random.nextInt(3) > 0 ? leaf() : group(random.nextBoolean(), parts(depth - 1)));
            }
            return parts;
        }

        String claims() {
            StringBuilder inner = new StringBuilder();
            for (String name : List.of("d", "e")) {
                if (random.nextInt(3) > 0) {
                    inner.append(inner.isEmpty() ? "" : ",").append("\"").append(name).append("\":").append(one(VALUES));
                }
            }
            StringBuilder outer = new StringBuilder("\"c\":{" + inner + "}");
            for (String name : List.of("a", "b")) {
                if (random.nextInt(4) > 0) {
                    outer.append(",\"").append(name).append("\":").append(one(VALUES));
                }
            }
            return "{" + outer + "}";
        }
    }

    private static String group(boolean all, List<String> parts) {
        return "{\"" + (all ? "allOf" : "anyOf") + "\":[" + String.join(",", parts) + "]}";
    }

    private static String authority(String issuer, String group) {
        return "{\"authority\":\"" + issuer + "\"," + group.substring(1);
    }

    private static String policy(List<String> authorities) {
        return "{\"version\":\"1.0.0\",\"anyOf\":[" + String.join(",", authorities) + "]}";
    }

    private static boolean released(String policy, String issuer, String claims) {
        try {
            ObjectNode node = JSON.object("claims", claims.getBytes(StandardCharsets.UTF_8));
            return ReleaseRules.parse(policy.getBytes(StandardCharsets.UTF_8)).decide(issuer, node).released();
        } catch (MalformedException e) {
            throw new AssertionError(policy, e);
        }
    }

    private static List<String> with(List<String> list, String more) {
        List<String> all = new ArrayList<>(list);
        all.add(more);
        return all;
    }

    @Test
    void oneMoreConditionOfAllOfNeverReleasesWhatWasRefused() {
        qt().withExamples(2000).forAll(longs().all()).checkAssert(seed -> {
            Drawn drawn = new Drawn(new SplittableRandom(seed));
            List<String> parts = drawn.parts(2);
            String claims = drawn.claims();
            String stricter = policy(List.of(authority(ISSUERS.getFirst(), group(true, with(parts, drawn.leaf())))));
            if (released(stricter, ISSUERS.getFirst(), claims)) {
                String laxer = policy(List.of(authority(ISSUERS.getFirst(), group(true, parts))));
                assertThat(released(laxer, ISSUERS.getFirst(), claims)).isTrue();
            }
        });
    }

    @Test
    void oneMoreConditionOfAnyOfNeverRefusesWhatWasReleased() {
        qt().withExamples(2000).forAll(longs().all()).checkAssert(seed -> {
            Drawn drawn = new Drawn(new SplittableRandom(seed));
            List<String> parts = drawn.parts(2);
            String claims = drawn.claims();
            if (released(policy(List.of(authority(ISSUERS.getFirst(), group(false, parts)))), ISSUERS.getFirst(), claims)) {
                String laxer = policy(List.of(authority(ISSUERS.getFirst(), group(false, with(parts, drawn.leaf())))));
                assertThat(released(laxer, ISSUERS.getFirst(), claims)).isTrue();
            }
        });
    }

    @Test
    void oneMoreAuthorityChangesNothingForTokensOfOthers() {
        qt().withExamples(1000).forAll(longs().all()).checkAssert(seed -> {
            Drawn drawn = new Drawn(new SplittableRandom(seed));
            List<String> one = List.of(authority(ISSUERS.getFirst(), group(drawn.random().nextBoolean(), drawn.parts(2))));
            List<String> two = with(one, authority(ISSUERS.getLast(), group(drawn.random().nextBoolean(), drawn.parts(2))));
            String claims = drawn.claims();
            assertThat(released(policy(two), ISSUERS.getFirst(), claims)).isEqualTo(released(policy(one), ISSUERS.getFirst(), claims));
        });
    }

    @Test
    void theOrderOfConditionsAndAuthoritiesDecidesNothing() {
        qt().withExamples(1000).forAll(longs().all()).checkAssert(seed -> {
            Drawn drawn = new Drawn(new SplittableRandom(seed));
            List<String> parts = drawn.parts(2);
            boolean all = drawn.random().nextBoolean();
            List<String> authorities = List.of(
                    authority(ISSUERS.getFirst(), group(all, parts)), authority(ISSUERS.getLast(), group(true, drawn.parts(1))));
            List<String> reversed =
                    List.of(authorities.getLast(), authority(ISSUERS.getFirst(), group(all, parts.reversed())));
            String claims = drawn.claims();
            for (String issuer : ISSUERS) {
                assertThat(released(policy(reversed), issuer, claims)).isEqualTo(released(policy(authorities), issuer, claims));
            }
        });
    }

    @Test
    void noTokenOfAnotherIssuerIsReleasedToAndNoneWithoutClaims() {
        qt().withExamples(1000).forAll(longs().all()).checkAssert(seed -> {
            Drawn drawn = new Drawn(new SplittableRandom(seed));
            String policy = policy(List.of(authority(ISSUERS.getFirst(), group(drawn.random().nextBoolean(), drawn.parts(2)))));
            assertThat(released(policy, ISSUERS.getLast(), drawn.claims())).isFalse();
            assertThat(released(policy, ISSUERS.getFirst(), "{}")).isFalse();
        });
    }
}
