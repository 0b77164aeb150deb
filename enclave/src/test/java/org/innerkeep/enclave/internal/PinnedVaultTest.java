package org.innerkeep.enclave.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.channel.release.NotCarriedException;
import org.innerkeep.channel.release.ReleaseCall;
import org.innerkeep.channel.release.VaultCarrier;
import org.innerkeep.enclave.HeldKey;
import org.innerkeep.enclave.Vault;
import org.innerkeep.enclave.VaultException;
import org.innerkeep.enclave.VaultException.Code;
import org.innerkeep.enclave.VaultStream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.ReportData;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An enclave and a vault, with a host between them that carries as it likes. */
class PinnedVaultTest {
    private static final String TEXT = "the patients";

    private final TestPlatform platform = new TestPlatform("study", 3);
    private PretendVault honest;
    private VaultCarrier host;
    private long nanos;
    private Vault vault;

    /** What a host makes of a vault's answer. */
    @FunctionalInterface
    private interface Bending {
        VaultCarrier.Answer of(VaultCarrier.Answer answer) throws NotCarriedException;
    }

    @BeforeEach
    void begin() throws Exception {
        honest = new PretendVault();
        honest.store("patients.age", TEXT);
        host = honest;
        vault = new PinnedVault(desk(), honest.location(), Optional.empty(), Duration.ofSeconds(2));
    }

    private VaultDesk desk() {
        return new VaultDesk(
                limit -> host, PlatformDriver.attester(platform), new SecureRandom(), () -> nanos + System.nanoTime());
    }

    /** The host changes what the vault answers to requests of file keys. */
    private void answers(Bending bending) {
        host = through(honest, answer -> answer, bending);
    }

    private static VaultCarrier through(VaultCarrier vault, Bending challenges, Bending releases) {
        return new VaultCarrier() {
            @Override
            public Answer challenge(String address) throws NotCarriedException {
                return challenges.of(vault.challenge(address));
            }

            @Override
            public Answer release(String address, String key, byte[] call) throws NotCarriedException {
                return releases.of(vault.release(address, key, call));
            }

            @Override
            public Answer register(String address, String key, byte[] call) throws NotCarriedException {
                return releases.of(vault.register(address, key, call));
            }

            @Override
            public InputStream file(String name) throws NotCarriedException {
                return vault.file(name);
            }
        };
    }

    private static String text(InputStream stream) throws IOException {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private VaultException refused() {
        return catchThrowableOfType(VaultException.class, () -> vault.open("patients"));
    }

    private void assertRefused(Code code, String part) {
        VaultException failure = refused();
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure).hasMessageContaining(part);
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        return changed;
    }

    @Test
    void aGrantedEnclaveReadsAFileByTheNameOfItsKey() throws Exception {
        try (VaultStream stream = vault.open("patients")) {
            assertThat(new String(stream.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(TEXT);
            assertThat(stream.terms().grant()).isEqualTo("1".repeat(32));
            assertThat(stream.header()).isEqualTo(Bytes.sha256(honest.asked.getFirst().request().header().toArray()));
        }
        assertThat(honest.asked).hasSize(1).allSatisfy(call -> assertThat(call.request().job()).isEmpty());
    }

    @Test
    void whatIsAttestedIsTheWholeRequestUnderALabelThatNoProgramReaches() throws Exception {
        vault.open("patients").close();
        ReleaseCall call = honest.asked.getFirst();
        byte[] request = call.request().toByteArray();
        Bytes attested = platform.attested().getLast();
        assertThat(attested).isEqualTo(Bytes.of(ReportData.of(ReportData.RELEASE, request)));
        Context program =
                new Context(platform.launch(), Path.of(""), platform, PlatformDriver.attester(platform), new SecureRandom());
        for (String purpose : List.of(ReportData.RELEASE, "", "file key release v1", "\0" + ReportData.RELEASE)) {
            program.attest(purpose, request);
            assertThat(platform.attested().getLast()).isNotEqualTo(attested);
        }
    }

    @Test
    void theJobsDigestIsPartOfWhatIsAsked() throws Exception {
        Bytes job = Bytes.sha256(new byte[] {1});
        vault.forJob(job).open("patients").close();
        assertThat(honest.asked.getFirst().request().job()).contains(job);
        assertThatIllegalArgumentException().isThrownBy(() -> vault.forJob(Bytes.of(new byte[31])));
    }

    @Test
    void aFileThatCameInAnotherWayIsOpenedToo() throws Exception {
        byte[] sealed = honest.store("elsewhere", "from a client");
        honest.files.clear();
        assertThat(text(vault.open("patients", new ByteArrayInputStream(sealed)))).isEqualTo("from a client");
    }

    @Test
    void aRevokedEnclaveIsToldWhyAndNotASecondTime() {
        honest.granted = false;
        VaultException failure = refused();
        assertThat(failure.code()).isEqualTo(Code.REFUSED);
        assertThat(failure.refusal().orElseThrow().status()).isEqualTo(403);
        assertThat(failure.refusal().orElseThrow().code()).isEqualTo("Forbidden");
        assertThat(failure).hasMessageContaining("REVOKED grant: found revoked at noon").hasMessageContaining("https://vault.example:8443");
        assertThat(honest.asked).as("a refusal is not tried again").hasSize(1);
    }

    @Test
    void aHostThatAsksAnotherVaultGetsNothingSent() throws Exception {
        PretendVault operators = new PretendVault();
        operators.files.putAll(honest.files);
        host = operators;
        assertRefused(Code.NOT_THE_VAULT, "OTHER_VAULT");
        assertThat(operators.asked).as("no evidence is made for a challenge of another vault").isEmpty();
        assertThat(platform.attested()).isEmpty();
    }

    @Test
    void anAnswerOfAnotherVaultIsRefused() throws Exception {
        PretendVault operators = new PretendVault();
        operators.files.putAll(honest.files);
        byte[] own = operators.store("patients.age", "made up");
        honest.files.put("patients.age", own);
        host = new PretendVault() {
            @Override
            public Answer challenge(String address) throws NotCarriedException {
                return honest.challenge(address);
            }

            @Override
            public Answer release(String address, String key, byte[] call) throws NotCarriedException {
                // The operator's vault has an identity for this file, and answers this very request by it.
                try {
                    ReleaseCall asked = ReleaseCall.parse(call);
                    operators.adopt(asked.request().nonce());
                    return operators.release(address, key, call);
                } catch (MalformedException e) {
                    throw new AssertionError(e);
                }
            }

            @Override
            public InputStream file(String name) throws NotCarriedException {
                return honest.file(name);
            }
        };
        assertRefused(Code.NOT_THE_VAULT, "NOT_SIGNED");
    }

    @Test
    void aReplayedAnswerIsRefused() throws Exception {
        List<VaultCarrier.Answer> earlier = new ArrayList<>();
        answers(answer -> {
            earlier.add(answer);
            return earlier.getFirst();
        });
        vault.open("patients").close();
        assertRefused(Code.NOT_THE_VAULT, "OTHER_REQUEST");
    }

    @Test
    void aReplayedChallengeGetsNothing() throws Exception {
        List<VaultCarrier.Answer> earlier = new ArrayList<>();
        host = through(
                honest,
                answer -> {
                    earlier.add(answer);
                    return earlier.getFirst();
                },
                answer -> answer);
        vault.open("patients").close();
        assertRefused(Code.REFUSED, "answered before");
    }

    @Test
    void noChangedByteOfAnAnswerIsAccepted() throws Exception {
        VaultCarrier.Answer[] last = new VaultCarrier.Answer[1];
        answers(answer -> {
            last[0] = answer;
            return answer;
        });
        vault.open("patients").close();
        int length = last[0].body().length;
        for (int at = 0; at < length; at += 7) {
            int place = at;
            answers(answer -> new VaultCarrier.Answer(200, flipped(answer.body(), Math.min(place, answer.body().length - 1))));
            assertThat(refused().code()).as("byte " + at).isEqualTo(Code.NOT_THE_VAULT);
        }
        answers(answer -> new VaultCarrier.Answer(200, Arrays.copyOf(answer.body(), answer.body().length - 1)));
        assertRefused(Code.NOT_THE_VAULT, "MALFORMED");
        answers(answer -> new VaultCarrier.Answer(200, new byte[0]));
        assertRefused(Code.NOT_THE_VAULT, "MALFORMED");
    }

    @Test
    void aChangedChallengeGetsNothing() {
        // Its form, its nonce, its profile, and the vault's id.
        for (int at : new int[] {0, 12, 40, 60, 100, 120}) {
            host = through(honest, answer -> new VaultCarrier.Answer(200, flipped(answer.body(), at)), answer -> answer);
            assertThat(refused().code()).isIn(Code.NOT_THE_VAULT, Code.REFUSED);
        }
    }

    @Test
    void answersLargerThanAnyOfAVaultsAreRefusedUnread() {
        host = through(honest, answer -> new VaultCarrier.Answer(200, new byte[1 << 20]), answer -> answer);
        assertRefused(Code.NOT_THE_VAULT, "1048576 bytes");
        answers(answer -> new VaultCarrier.Answer(200, new byte[1 << 20]));
        assertRefused(Code.NOT_THE_VAULT, "1048576 bytes");
    }

    @Test
    void aRefusalThatIsMadeUpIsShownBoundedAndPrintable() {
        answers(answer -> PretendVault.refusal(403, "Forbidden", "\\u001b[2J\\u202e" + "x".repeat(5000)));
        VaultException failure = refused();
        assertThat(failure.code()).isEqualTo(Code.REFUSED);
        assertThat(failure.getMessage()).hasSizeLessThan(1500).matches("[ -~]+").contains("?[2J?xxx");
        answers(answer -> new VaultCarrier.Answer(404, "<html>".getBytes(StandardCharsets.UTF_8)));
        assertRefused(Code.REFUSED, "status 404: no explanation that could be read");
        answers(answer -> new VaultCarrier.Answer(403, new byte[300_000]));
        assertRefused(Code.REFUSED, "no explanation");
    }

    @Test
    void whatFailsOnTheWayIsTriedAgainWithANewChallengeAndANewTransportKey() throws Exception {
        int[] tries = {0};
        answers(answer -> switch (++tries[0]) {
            case 1 -> throw new NotCarriedException(
                    new NotCarriedException.Detail(NotCarriedException.Code.UNREACHABLE, "the answer was lost"));
            case 2 -> throw new CallException(CallException.Code.DEADLINE, "slow");
            case 3 -> new VaultCarrier.Answer(503, new byte[0]);
            default -> answer;
        });
        assertThat(text(vault.open("patients"))).isEqualTo(TEXT);
        assertThat(honest.asked).hasSize(4);
        assertThat(honest.asked.stream().map(call -> call.request().nonce()).distinct()).hasSize(4);
        assertThat(honest.asked.stream().map(call -> call.request().transportKey()).distinct()).hasSize(4);
        assertThat(honest.asked.stream().map(ReleaseCall::evidence).distinct()).hasSize(4);
    }

    @Test
    void aHostThatNeverCarriesIsGivenUpInTimeAndWithABoundedNumberOfTries() {
        host = through(
                honest,
                answer -> {
                    throw new NotCarriedException(new NotCarriedException.Detail(NotCarriedException.Code.UNREACHABLE, "\u0007none"));
                },
                answer -> answer);
        long begun = System.nanoTime();
        VaultException failure = catchThrowableOfType(VaultException.class, () -> vault.within(Duration.ofMillis(900)).open("patients"));
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
        assertThat(failure.code()).isEqualTo(Code.NOT_CARRIED);
        assertThat(failure).hasMessageContaining("nothing within 900 ms and 4 tries").hasMessageContaining("UNREACHABLE, ?none");
        assertThat(honest.challenges).isEqualTo(4);
    }

    @Test
    void aVaultThatCannotAnswerNowIsToldAsSuch() {
        answers(answer -> PretendVault.refusal(503, "ServiceUnavailable", "its store cannot be used now"));
        VaultException failure = catchThrowableOfType(VaultException.class, () -> vault.within(Duration.ofMillis(200)).open("patients"));
        assertThat(failure.code()).isEqualTo(Code.REFUSED);
        assertThat(failure).hasMessageContaining("its store cannot be used now").hasMessageContaining("2 tries");
    }

    @ParameterizedTest
    @EnumSource(value = NotCarriedException.Code.class, names = {"NOT_ALLOWED", "NO_SUCH_FILE", "NOT_TRUSTED"})
    void whatTheHostMayNotIsNotTriedAgain(NotCarriedException.Code code) {
        host = through(
                honest,
                answer -> {
                    throw new NotCarriedException(new NotCarriedException.Detail(code, "x".repeat(10_000)));
                },
                answer -> answer);
        VaultException failure = refused();
        assertThat(failure.code()).isEqualTo(Code.NOT_CARRIED);
        assertThat(failure.getMessage()).contains(code.name()).hasSizeLessThan(700);
        assertThat(honest.challenges).isEqualTo(1);
    }

    @Test
    void aHostThatCarriesNothingAtAllIsToldWhatItsOperatorCanDo() {
        Function<Duration, VaultCarrier> none = limit -> {
            throw new CallException(CallException.Code.NOT_OFFERED, "not offered");
        };
        Vault lonely = new PinnedVault(
                new VaultDesk(none, PlatformDriver.attester(platform), new SecureRandom(), System::nanoTime),
                honest.location(),
                Optional.empty(),
                Duration.ofSeconds(1));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> lonely.open("patients"))
                .withMessageContaining("innerkeep run --vault");
    }

    @Test
    void whoeverWaitsCanBeInterrupted() throws Exception {
        answers(answer -> new VaultCarrier.Answer(503, new byte[0]));
        Throwable[] thrown = new Throwable[1];
        Thread waiting = Thread.ofVirtual().start(() -> {
            try {
                vault.within(Duration.ofMinutes(5)).open("patients");
            } catch (IOException e) {
                thrown[0] = e;
            }
        });
        waiting.interrupt();
        assertThat(waiting.join(Duration.ofSeconds(10))).isTrue();
        assertThat(thrown[0]).isInstanceOf(InterruptedIOException.class);
    }

    @Test
    void anotherFileUnderTheNameIsFoundOutByItsHeadersDigest() throws Exception {
        Bytes wanted = Bytes.sha256(SealedFile.header(new ByteArrayInputStream(honest.stored("patients.age"))).toArray());
        assertThat(text(vault.open("patients", "patients.age", wanted))).isEqualTo(TEXT);
        // The recipient is public: whoever stores the file can seal another to the same key.
        honest.store("patients.age", "made up by the operator");
        assertThat(text(vault.open("patients"))).as("the name alone proves nothing").isEqualTo("made up by the operator");
        int asked = honest.asked.size();
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> vault.open("patients", "patients.age", wanted))
                .matches(e -> e.code() == Code.NOT_THE_FILE);
        assertThat(honest.asked).as("the vault is not asked").hasSize(asked);
    }

    @Test
    void theHeaderOfOneFileBeforeThePayloadOfAnotherOpensNothing() throws Exception {
        byte[] sealed = honest.stored("patients.age");
        int header = SealedFile.header(new ByteArrayInputStream(sealed)).length();
        byte[] other = honest.store("other", TEXT);
        byte[] mixed = sealed.clone();
        System.arraycopy(other, header, mixed, header, mixed.length - header);
        honest.files.put("patients.age", mixed);
        assertThatExceptionOfType(SealedFileException.class).isThrownBy(() -> text(vault.open("patients")));
    }

    @Test
    void whatIsNoSealedFileIsRefusedBeforeTheVaultIsAsked() {
        for (byte[] file : List.of(new byte[0], new byte[100], "age-encryption.org/v1\n".getBytes(StandardCharsets.US_ASCII))) {
            honest.files.put("patients.age", file);
            assertRefused(Code.NOT_THE_FILE, "no sealed file");
        }
        String stanza = "-> X25519 " + "A".repeat(43) + "\n" + "A".repeat(43) + "\n";
        honest.files.put("patients.age",
                ("age-encryption.org/v1\n" + stanza.repeat(900) + "--- " + "A".repeat(43) + "\n").getBytes(StandardCharsets.US_ASCII));
        assertRefused(Code.NOT_THE_FILE, "some forty recipients");
        honest.files.remove("patients.age");
        assertRefused(Code.NOT_CARRIED, "NO_SUCH_FILE");
        assertThat(honest.challenges).isZero();
    }

    @Test
    void anEnclaveThatHasSeenALaterLifeOfTheVaultTakesNothingOfAnEarlierOne() throws Exception {
        honest.epoch = 2;
        vault.open("patients").close();
        honest.epoch = 1;
        assertRefused(Code.NOT_THE_VAULT, "OLD_EPOCH");
        honest.epoch = 3;
        vault.open("patients").close();
    }

    @Test
    void aLeaseThatIsOverIsRenewedWithFreshEvidenceWhileTheGrantIsKept() throws Exception {
        honest.lease = Optional.of(Duration.ofMinutes(15));
        String large = "row\n".repeat(50_000);
        honest.store("patients.age", large);
        try (VaultStream stream = vault.open("patients")) {
            byte[] first = stream.readNBytes(100);
            assertThat(honest.asked).hasSize(1);
            nanos += Duration.ofMinutes(14).toNanos();
            stream.readNBytes(1);
            assertThat(honest.asked).as("the lease lasts").hasSize(1);
            nanos += Duration.ofMinutes(1).toNanos();
            byte[] rest = stream.readAllBytes();
            assertThat(first.length + 1 + rest.length).isEqualTo(large.length());
            assertThat(honest.asked).hasSize(2);
            assertThat(honest.asked.get(1).request().nonce()).isNotEqualTo(honest.asked.get(0).request().nonce());
            assertThat(honest.asked.get(1).evidence()).isNotEqualTo(honest.asked.get(0).evidence());
        }
    }

    @Test
    void aLeaseThatIsOverEndsTheStreamWhereTheGrantIsGone() throws Exception {
        honest.lease = Optional.of(Duration.ofMinutes(15));
        honest.store("patients.age", "row\n".repeat(50_000));
        try (VaultStream stream = vault.open("patients")) {
            stream.readNBytes(100);
            honest.granted = false;
            nanos += Duration.ofMinutes(15).toNanos();
            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(VaultException.class)
                        .isThrownBy(stream::read)
                        .matches(e -> e.code() == Code.REFUSED)
                        .withMessageContaining("REVOKED grant");
            }
            assertThat(honest.asked).as("the second read asks no more").hasSize(2);
            honest.granted = true;
            assertThatExceptionOfType(VaultException.class).isThrownBy(() -> stream.read(new byte[10]));
        }
    }

    @Test
    void aHostThatGivesBytesSlowlyDoesNotStretchALease() throws Exception {
        honest.lease = Optional.of(Duration.ofMinutes(15));
        byte[] sealed = honest.store("patients.age", "row\n".repeat(50_000));
        InputStream slow = new ByteArrayInputStream(sealed) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                if (pos > 100_000 && honest.granted) {
                    honest.granted = false;
                    nanos += Duration.ofMinutes(15).toNanos();
                }
                return super.read(into, offset, Math.min(length, 10_000));
            }
        };
        try (VaultStream stream = vault.open("patients", slow)) {
            stream.readNBytes(60_000);
            byte[] into = new byte[100_000];
            assertThatExceptionOfType(VaultException.class).isThrownBy(() -> {
                while (stream.read(into) >= 0) {
                    Arrays.fill(into, (byte) 0);
                }
            });
            assertThat(into).as("what was decrypted after the end of the lease is not given out").containsOnly(0);
        }
    }

    @Test
    void aHeldKeyIsCheckedBeforeEachUse() throws Exception {
        honest.lease = Optional.of(Duration.ofMinutes(15));
        byte[] sealed = honest.stored("patients.age");
        HeldKey key = vault.hold("patients", SealedFile.header(new ByteArrayInputStream(sealed)));
        assertThat(text(key.open(new ByteArrayInputStream(sealed)))).isEqualTo(TEXT);
        assertThat(text(key.open(new ByteArrayInputStream(sealed)))).isEqualTo(TEXT);
        assertThat(honest.asked).hasSize(1);
        assertThatThrownBy(() -> key.open(new ByteArrayInputStream(honest.store("other", TEXT)))).isInstanceOf(SealedFileException.class);
        nanos += Duration.ofMinutes(16).toNanos();
        honest.granted = false;
        assertThatExceptionOfType(VaultException.class).isThrownBy(key::check);
        honest.granted = true;
        key.check();
        assertThat(text(key.open(new ByteArrayInputStream(sealed)))).isEqualTo(TEXT);
        key.close();
        assertThatThrownBy(key::check).isInstanceOf(IOException.class).hasMessageContaining("closed");
    }

    @Test
    void theLeaseRunsFromBeforeTheChallengeWasAskedFor() throws Exception {
        honest.lease = Optional.of(Duration.ofMinutes(15));
        // The host keeps the answer back for almost the whole lease.
        answers(answer -> {
            nanos += Duration.ofMinutes(15).minusSeconds(1).toNanos();
            return answer;
        });
        try (VaultStream stream = vault.within(Duration.ofMinutes(30)).open("patients")) {
            nanos += Duration.ofSeconds(2).toNanos();
            stream.read();
            assertThat(honest.asked).hasSizeGreaterThan(1);
        }
    }

    @Test
    void aClosedStreamGivesNothing() throws Exception {
        VaultStream stream = vault.open("patients");
        stream.close();
        assertThatThrownBy(stream::read).isInstanceOf(IOException.class).hasMessageContaining("closed");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "https://vault.example:8443",
        "https://vault.example:8443#",
        "https://vault.example:8443#vault-key:MFkw",
        "http://vault.example:8443#KEY",
        "http://localhost:8443#KEY",
        "https://user@vault.example#KEY",
        "https://vault.example/path#KEY",
        "https://vault.example?query#KEY",
        "https://vault.example:99999#KEY",
        "ftp://vault.example#KEY",
        "vault.example#KEY",
        "https:vault#KEY"
    })
    void aVaultWithoutItsKeyOrAtAnotherKindOfAddressIsRefused(String text) {
        Context program =
                new Context(platform.launch(), Path.of(""), platform, PlatformDriver.attester(platform), new SecureRandom());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> program.vault(URI.create(text.replace("KEY", honest.anchor().toString()))));
    }
}
