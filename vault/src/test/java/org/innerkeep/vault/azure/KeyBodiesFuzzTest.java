package org.innerkeep.vault.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Bodies of requests: whatever comes is read or refused, and nothing else happens. */
class KeyBodiesFuzzTest {
    private static final String POLICY = "eyJhbnlPZiI6W3siYXV0aG9yaXR5IjoiYSIsImFsbE9mIjpbeyJjbGFpbSI6ImEiLCJlcXVhbHMiOjF9XX1dfQ";
    private static final String SETTINGS = "\"attributes\":{\"enabled\":true,\"nbf\":1,\"exp\":1900000000,\"exportable\":true},"
            + "\"tags\":{\"a\":\"b\"},\"release_policy\":{\"immutable\":false,\"data\":\"" + POLICY + "\"}";
    private static final List<byte[]> CREATIONS = List.of(
            bytes("{\"kty\":\"RSA-HSM\",\"key_size\":2048,\"public_exponent\":0,\"key_ops\":[\"encrypt\",\"sign\"]," + SETTINGS + "}"),
            bytes("{\"kty\":\"EC\",\"crv\":\"P-256\"," + SETTINGS + "}"));
    private static final List<byte[]> IMPORTS = List.of(
            bytes("{\"key\":{\"kty\":\"oct-HSM\",\"key_ops\":[\"encrypt\"],\"k\":\"AAAAAAAAAAAAAAAAAAAAAA\"},\"Hsm\":true," + SETTINGS + "}"),
            bytes("{\"key\":{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\",\"d\":\"AA\"}}"),
            bytes("{\"key\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\",\"d\":\"AQ\"}}"));
    private static final List<byte[]> ROTATIONS = List.of(bytes(
            "{\"id\":\"x\",\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P60D\"},\"action\":{\"type\":\"Rotate\"}},"
                    + "{\"trigger\":{\"timeBeforeExpiry\":\"P1M\"},\"action\":{\"type\":\"notify\"}}],\"attributes\":{\"expiryTime\":\"P2Y\"}}"));

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @FunctionalInterface
    private interface Reading {
        void read(Bytes body) throws MalformedException;
    }

    private static void take(byte[] input, Reading reading) {
        try {
            reading.read(Bytes.of(input));
        } catch (MalformedException e) {
            assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(1000);
        }
    }

    private static void creation(Bytes body) throws MalformedException {
        KeyBodies.Creation creation = KeyBodies.creation(body);
        assertThat(creation.wishes().fresh(creation.type()).operations()).isNotEmpty();
    }

    private static void importing(Bytes body) throws MalformedException {
        try (KeyBodies.Import brought = KeyBodies.importing(body)) {
            assertThat(brought.key().secret().expose()).isNotEmpty();
        }
    }

    private static void rotation(Bytes body) throws MalformedException {
        RotationRules rules = RotationRules.parse(body);
        assertThat(RotationRules.parse(rules.toBytes())).isEqualTo(rules);
    }

    @Test
    void creationsAreReadOrRefused() {
        assertThat(new Fuzzer(8, CREATIONS).run(10_000, input -> take(input, KeyBodiesFuzzTest::creation))).isEmpty();
        assertThat(new Fuzzer(9, CREATIONS).run(5_000, input -> take(input, KeyBodies::update))).isEmpty();
    }

    @Test
    void importsAreReadOrRefused() {
        assertThat(new Fuzzer(10, IMPORTS).run(10_000, input -> take(input, KeyBodiesFuzzTest::importing))).isEmpty();
    }

    @Test
    void rotationPoliciesAreReadOrRefusedAndWrittenAsTheyWereRead() {
        assertThat(new Fuzzer(11, ROTATIONS).run(10_000, input -> take(input, KeyBodiesFuzzTest::rotation))).isEmpty();
    }

    @Test
    void findsAPlantedBugBehindBodies() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(8, CREATIONS).run(10_000, input -> take(input, body -> {
            if (KeyBodies.creation(body).wishes().tags().filter(tags -> !tags.containsKey("a")).isPresent()) {
                throw new ArithmeticException("planted");
            }
        }));
        assertThat(finding).isPresent();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzzCreations(byte[] data) {
        take(data, KeyBodiesFuzzTest::creation);
    }

    @FuzzTest(maxDuration = "30s")
    void fuzzImports(byte[] data) {
        take(data, KeyBodiesFuzzTest::importing);
    }
}
