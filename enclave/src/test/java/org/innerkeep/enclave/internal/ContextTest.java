package org.innerkeep.enclave.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.strings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.innerkeep.channel.call.HostVisible;
import org.innerkeep.channel.keeper.PlatformService.Launch;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.Statement;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ContextTest {
    private static final List<String> RUNTIME_LABELS = List.of(ReportData.SESSION, ReportData.STATEMENT);

    private final TestPlatform platform = new TestPlatform("fraud", 3);
    private final Context context =
            new Context(platform.launch(), java.nio.file.Path.of(""), platform, PlatformDriver.attester(platform), new SecureRandom());

    /** What a program may not offer to the host. */
    interface Unmarked {
        byte[] take(byte[] input);
    }

    /** What it may. */
    @HostVisible
    interface Marked {
        byte[] take(byte[] input);
    }

    private Bytes attested(String purpose, byte[] value) {
        try {
            context.attest(purpose, value);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return platform.attested().getLast();
    }

    @Test
    void offersNoServerWhereTheNetworkIsShared() {
        assertThatIllegalStateException()
                .isThrownBy(() -> context.offerServer(8080))
                .withMessageContaining("run the keeper as root");
        assertThat(context.server()).isEmpty();
    }

    @Test
    void identityIsWhatThePlatformSays() {
        Launch launch = platform.launch();

        assertThat(context.identity().platform()).isEqualTo("process");
        assertThat(context.identity().measurement()).hasToString(launch.measurement());
        assertThat(context.identity().signer()).isEqualTo(Bytes.of(launch.signer()));
        assertThat(context.identity().securityVersion()).isEqualTo(3);
        assertThat(context.identity().debug()).isFalse();
    }

    @Test
    void attestsUnderTheProgramsLabelWhateverThePurpose() {
        qt().withFixedSeed(3).withExamples(300).forAll(strings().allPossible().ofLengthBetween(0, 200), integers().all())
                .checkAssert((purpose, number) -> {
                    byte[] value = ByteBuffer.allocate(4).putInt(number).array();

                    assertThat(attested(purpose, value))
                            .isEqualTo(Bytes.of(ReportData.of("innerkeep program: " + purpose, value)));
                });
    }

    /** Purposes made to look like the runtime's labels, with whatever could pass for a length or an end of a label. */
    @Test
    void attestNeverReachesALabelOfTheRuntime() throws Exception {
        byte[] value = "whatever a stranger wants vouched for".getBytes(StandardCharsets.UTF_8);
        List<Bytes> runtimes = new ArrayList<>();
        for (String label : RUNTIME_LABELS) {
            runtimes.add(Bytes.of(ReportData.of(label, value)));
            runtimes.add(Bytes.of(ReportData.of(label, value, value)));
        }
        runtimes.add(Bytes.of(ReportData.ofCertificateClaims(value)));
        qt().withFixedSeed(4).withExamples(300).forAll(
                        integers().between(0, RUNTIME_LABELS.size() - 1),
                        strings().allPossible().ofLengthBetween(0, 6),
                        strings().allPossible().ofLengthBetween(0, 6))
                .checkAssert((label, before, after) -> {
                    String runtime = RUNTIME_LABELS.get(label);
                    for (String purpose : List.of(
                            runtime,
                            before + runtime + after,
                            "\0\0\0" + (char) runtime.length() + runtime,
                            runtime + "\0",
                            "\b".repeat("innerkeep program: ".length()) + runtime,
                            runtime.substring("innerkeep ".length()))) {
                        assertThat(runtimes).doesNotContain(attested(purpose, value));
                    }
                });
    }

    @Test
    void attestCannotVouchForAStatement() throws Exception {
        byte[] signed = context.sign("result", new byte[] {1, 2, 3});
        Statement statement = Statement.parse(signed);
        Bytes wanted = Bytes.of(statement.expectedReportData());
        byte[] payload = new Statement.Unsigned("result", Bytes.of(new byte[] {1, 2, 3})).payload();
        byte[] key = statement.publicKey().toArray();
        byte[] framed = ByteBuffer.allocate(4 + key.length + 4 + payload.length)
                .putInt(key.length)
                .put(key)
                .putInt(payload.length)
                .put(payload)
                .array();

        for (byte[] value : List.of(payload, key, framed)) {
            assertThat(attested(ReportData.STATEMENT, value)).isNotEqualTo(wanted);
        }
    }

    @Test
    void statementsVerifyWithEvidenceForExactlyThem() throws Exception {
        Statement statement = Statement.parse(context.sign("result", new byte[] {1, 2, 3}));

        assertThat(statement.signatureValid()).isTrue();
        assertThat(statement.purpose()).isEqualTo("result");
        assertThat(statement.content()).isEqualTo(Bytes.of(new byte[] {1, 2, 3}));
        assertThat(Verifier.verify(
                        statement.evidence().toArray(), List.of(TestPlatform.ANCHOR), Instant.parse("2026-11-23T10:00:00Z")))
                .isInstanceOfSatisfying(Verdict.Accepted.class, accepted -> assertThat(accepted.claims().reportData())
                        .isEqualTo(Bytes.of(statement.expectedReportData())));
    }

    @Test
    void refusesPurposesAndContentOutOfBoundsBeforeThePlatformSignsAnything() {
        for (String purpose : List.of("", "x".repeat(129), "line\nbreak", "umläut")) {
            assertThatIllegalArgumentException().isThrownBy(() -> context.sign(purpose, new byte[0]));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> context.sign("result", new byte[(1 << 20) + 1]));
        assertThat(platform.attested()).isEmpty();
    }

    @Test
    void refusesToTalkToTheHostOverAnInterfaceThatIsNotMarked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> context.offerToHost(Unmarked.class, input -> input))
                .withMessageContaining("@HostVisible");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> context.host(Unmarked.class, Duration.ofSeconds(1)))
                .withMessageContaining("@HostVisible");
    }

    @Test
    void saysThatTheHostHasNotConnectedYet() {
        assertThatIllegalStateException()
                .isThrownBy(() -> context.offerToHost(Marked.class, input -> input))
                .withMessageContaining("has not connected");
        assertThatIllegalStateException().isThrownBy(() -> context.host(Marked.class, Duration.ofSeconds(1)));
    }

    @Test
    void refusesToOfferAnInterfaceToClientsTwice() {
        context.offerToClients(Unmarked.class, input -> input);

        assertThatIllegalStateException()
                .isThrownBy(() -> context.offerToClients(Unmarked.class, input -> new byte[0]))
                .withMessageContaining(Unmarked.class.getName());
    }

    @Test
    void findsTheNativeLibraryOfThisMachine() {
        String folder = NativePlatform.current().folder();
        if (!folder.startsWith("native/linux-")) {
            Assumptions.abort("the bundle's library for " + folder + " is missing");
        }
        Path library = context.nativeLibrary("score");

        assertThat(library).isAbsolute().endsWithRaw(Path.of(folder, "libscore.so"));
    }

    @Test
    void saysWhichNativeLibraryTheBundleLacks() {
        for (String name : List.of("other", "../score", "", "score.so")) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> context.nativeLibrary(name))
                    .withMessageContaining(NativePlatform.current().folder() + System.mapLibraryName(name))
                    .withMessageContaining("packed");
        }
    }

    @Test
    void opensWhatItSealedItself() throws Exception {
        byte[] sealed = context.seal(org.innerkeep.enclave.SealTo.SIGNER, new byte[] {9});

        assertThat(context.unseal(sealed)).containsExactly(9);
    }
}
