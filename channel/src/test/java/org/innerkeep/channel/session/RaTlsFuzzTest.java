package org.innerkeep.channel.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** Certificates and the extension in them: only {@link MalformedException} comes out, and accepted bytes are canonical. */
class RaTlsFuzzTest {
    private static final int INPUTS = 50_000;

    private static void takeExtension(byte[] input, Consumer<TaggedEvidence> then) {
        TaggedEvidence parsed;
        try {
            parsed = TaggedEvidence.parse(input);
        } catch (MalformedException e) {
            return;
        }
        if (!Arrays.equals(parsed.write(), input)) {
            throw new AssertionError("accepted, but written otherwise");
        }
        then.accept(parsed);
    }

    private static void takeCertificate(byte[] input, Consumer<RaTls> then) {
        RaTls parsed;
        try {
            parsed = RaTls.parse(input);
        } catch (MalformedException e) {
            return;
        }
        String hex = Bytes.of(input).hex();
        if (!hex.contains(parsed.publicKey().hex())
                || !hex.contains(Bytes.of(parsed.taggedEvidence().write()).hex())) {
            throw new AssertionError("accepted what is not in the certificate");
        }
        then.accept(parsed);
    }

    private static List<byte[]> extensions() {
        return List.of(
                new TaggedEvidence(Bytes.of(new byte[1]), Bytes.sha256(new byte[0])).write(),
                new TaggedEvidence(Bytes.of(new byte[300]), Bytes.sha256(new byte[1])).write());
    }

    private static List<byte[]> certificates() throws Exception {
        KeyPair pair = HostileServer.keyPair();
        byte[] extension = HostileServer.evidenceExtension(extensions().getFirst());
        return List.of(
                RaTls.write(pair, Bytes.of(new byte[] {1, 2, 3}), new SecureRandom()),
                HostileServer.certificate(pair, Der.sequence(Der.oid(1, 2, 3), Der.octets(new byte[2])), extension));
    }

    @Test
    void extensionSurvivesHostileBytes() {
        assertThat(new Fuzzer(1, extensions()).run(INPUTS, input -> takeExtension(input, _ -> {}))).isEmpty();
    }

    @Test
    void certificateSurvivesHostileBytes() throws Exception {
        assertThat(new Fuzzer(2, certificates()).run(INPUTS, input -> takeCertificate(input, _ -> {}))).isEmpty();
    }

    @Test
    void findsABugPlantedBehindTheExtension() {
        assertThat(new Fuzzer(1, extensions()).run(INPUTS, input -> takeExtension(input, parsed -> {
                    if (parsed.evidence().length() == 1 && parsed.publicKeyHash().toArray()[31] == 0) {
                        throw new IllegalStateException("planted");
                    }
                })))
                .hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    @Test
    void findsABugPlantedBehindTheCertificate() throws Exception {
        assertThat(new Fuzzer(2, certificates()).run(INPUTS, input -> takeCertificate(input, parsed -> {
                    byte[] key = parsed.publicKey().toArray();
                    if (key[key.length - 1] == (byte) 0xff) {
                        throw new IllegalStateException("planted");
                    }
                })))
                .hasValueSatisfying(finding -> assertThat(finding.failure()).hasMessage("planted"));
    }

    static Stream<byte[]> seeds() throws Exception {
        return Stream.concat(extensions().stream(), certificates().stream());
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "10m")
    void fuzz(byte[] data) {
        takeExtension(data, _ -> {});
        takeCertificate(data, _ -> {});
    }
}
