package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.innerkeep.channel.keeper.PlatformService.RegisterState;
import org.innerkeep.channel.keeper.RegisterRefusedException;
import org.innerkeep.channel.keeper.RegisterRefusedException.Code;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistersTest {
    private static final Object ENCLAVE = "an enclave";
    private static final String HOST = "operator";
    private static final Object OTHER = "another enclave";

    @TempDir
    private Path folder;

    private Registers registers() throws IOException {
        return Registers.open(folder.resolve("registers"));
    }

    private static KeeperReport identity(String signer, long product, long svn, boolean debug, KeeperReport.Isolation isolation) {
        Bytes digest = Bytes.sha256(new byte[] {1});
        Measurement measurement = KeeperReport.processMeasurement(KeeperReport.PROCESS, digest, digest, digest);
        return new KeeperReport(
                KeeperReport.PROCESS,
                measurement,
                digest,
                digest,
                digest,
                Bytes.sha256(signer.getBytes(StandardCharsets.UTF_8)),
                product,
                svn,
                debug,
                isolation,
                Confinement.NONE,
                Bytes.of(new byte[16]),
                Bytes.of(new byte[64]),
                Instant.EPOCH);
    }

    private static KeeperReport version(long svn) {
        return identity("acme", 7, svn, false, KeeperReport.Isolation.SEPARATE_USER);
    }

    private static RegisterState state(long version) {
        return new RegisterState(version, Bytes.sha256(new byte[] {(byte) version}).toArray());
    }

    private static void assertRefused(Code code, ThrowingCallable call) {
        assertThatExceptionOfType(RegisterRefusedException.class)
                .isThrownBy(call)
                .satisfies(refused -> assertThat(refused.detail().code()).isEqualTo(code));
    }

    @Test
    void whatWasSetIsThereForTheNextEnclaveAndTheNextKeeper() throws Exception {
        Registers registers = registers();
        assertThat(registers.claim(ENCLAVE, version(1), "journal")).isEmpty();
        registers.advance(ENCLAVE, HOST, version(1), "journal", 0, state(5));
        registers.advance(ENCLAVE, HOST, version(1), "journal", 5, state(9));
        registers.release(ENCLAVE);
        assertThat(registers.claim(OTHER, version(1), "journal")).hasValueSatisfying(found -> {
            assertThat(found.version()).isEqualTo(9);
            assertThat(found.digest()).isEqualTo(state(9).digest());
        });
        assertThat(registers().claim(ENCLAVE, version(1), "journal")).hasValueSatisfying(found -> assertThat(found.version())
                .isEqualTo(9));
        try (var files = Files.list(folder.resolve("registers"))) {
            assertThat(files.toList()).singleElement().satisfies(file ->
                    assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------")));
        }
    }

    @Test
    void itOnlyGoesForwardAndOnlyFromWhatIsKnown() throws Exception {
        Registers registers = registers();
        registers.claim(ENCLAVE, version(1), "journal");
        registers.advance(ENCLAVE, HOST, version(1), "journal", 0, state(5));
        for (long[] fromTo : new long[][] {{0, 6}, {4, 6}, {6, 7}, {5, 5}, {5, 4}, {5, 0}}) {
            assertRefused(
                    Code.MOVED_ON,
                    () -> registers.advance(ENCLAVE, HOST, version(1), "journal", fromTo[0], state(fromTo[1])));
        }
        assertThat(registers.claim(ENCLAVE, version(1), "journal")).hasValueSatisfying(found -> assertThat(found.version())
                .isEqualTo(5));
    }

    @Test
    void oneEnclaveAtATimeHasIt() throws Exception {
        Registers registers = registers();
        registers.claim(ENCLAVE, version(1), "journal");
        assertRefused(Code.HELD, () -> registers.claim(OTHER, version(1), "journal"));
        assertRefused(Code.NOT_CLAIMED, () -> registers.advance(OTHER, HOST, version(1), "journal", 0, state(1)));
        registers.claim(OTHER, version(1), "another");
        registers.release(ENCLAVE);
        assertRefused(Code.NOT_CLAIMED, () -> registers.advance(ENCLAVE, HOST, version(1), "journal", 0, state(1)));
        registers.claim(OTHER, version(1), "journal");
    }

    @Test
    void anOlderVersionDoesNotMoveWhatANewerOneSet() throws Exception {
        Registers registers = registers();
        registers.claim(ENCLAVE, version(2), "journal");
        registers.advance(ENCLAVE, HOST, version(2), "journal", 0, state(1));
        registers.release(ENCLAVE);
        assertRefused(Code.NEWER_VERSION, () -> registers.claim(OTHER, version(1), "journal"));
        registers.claim(OTHER, version(3), "journal");
        registers.advance(OTHER, HOST, version(3), "journal", 1, state(2));
        registers.release(OTHER);
        assertRefused(Code.NEWER_VERSION, () -> registers.claim(ENCLAVE, version(2), "journal"));
    }

    @Test
    void eachIdentityHasItsOwn() throws Exception {
        Registers registers = registers();
        List<KeeperReport> identities = List.of(
                version(1),
                identity("other", 7, 1, false, KeeperReport.Isolation.SEPARATE_USER),
                identity("acme", 8, 1, false, KeeperReport.Isolation.SEPARATE_USER),
                identity("acme", 7, 1, true, KeeperReport.Isolation.SEPARATE_USER),
                identity("acme", 7, 1, false, KeeperReport.Isolation.SAME_USER));
        for (KeeperReport each : identities) {
            Object enclave = new Object();
            assertThat(registers.claim(enclave, each, "journal")).isEmpty();
            registers.advance(enclave, HOST, each, "journal", 0, state(1));
        }
    }

    @Test
    void aFileThatIsDamagedIsNeverTakenForNone() throws Exception {
        Registers registers = registers();
        registers.claim(ENCLAVE, version(1), "journal");
        registers.advance(ENCLAVE, HOST, version(1), "journal", 0, state(1));
        Path file;
        try (var files = Files.list(folder.resolve("registers"))) {
            file = files.findFirst().orElseThrow();
        }
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertRefused(Code.UNAVAILABLE, () -> registers.claim(ENCLAVE, version(1), "journal"));
            assertRefused(Code.UNAVAILABLE, () -> registers.advance(ENCLAVE, HOST, version(1), "journal", 1, state(2)));
        }
    }

    @Test
    void thereAreNotMoreThanTheKeeperKeepsAndOneHostHasAShareOfThem() throws Exception {
        Registers registers = Registers.open(folder.resolve("few"), 8);
        for (String host : List.of("a", "b", "c", "d")) {
            for (int i = 0; i < 2; i++) {
                registers.claim(host, version(1), host + i);
                registers.advance(host, host, version(1), host + i, 0, state(1));
            }
            registers.claim(host, version(1), host + "more");
            assertRefused(Code.TOO_MANY, () -> registers.advance(host, host, version(1), host + "more", 0, state(1)));
        }
        registers.claim("e", version(1), "e");
        assertRefused(Code.TOO_MANY, () -> registers.advance("e", "e", version(1), "e", 0, state(1)));
        // Those that there are go on, and stay those of the host that made them.
        registers.advance("a", "a", version(1), "a0", 1, state(2));
        registers.release("b");
        registers.claim("a", version(1), "b0");
        registers.advance("a", "a", version(1), "b0", 1, state(2));
        registers.claim("b", version(1), "b2");
        assertRefused(Code.TOO_MANY, () -> registers.advance("b", "b", version(1), "b2", 0, state(1)));
    }

    @Test
    void oneEnclaveHoldsAFewAndNoMore() throws Exception {
        Registers registers = registers();
        for (int i = 0; i < Registers.MAX_CLAIMS; i++) {
            registers.claim(ENCLAVE, version(1), "r" + i);
        }
        assertRefused(Code.TOO_MANY, () -> registers.claim(ENCLAVE, version(1), "one-more"));
        registers.claim(ENCLAVE, version(1), "r0");
        registers.claim(OTHER, version(1), "one-more");
        registers.release(ENCLAVE);
        registers.claim(ENCLAVE, version(1), "r" + Registers.MAX_CLAIMS);
    }

    /** Whatever comes in between: a register is set by the enclave that holds it, or not at all. */
    @Test
    void whatAnEnclaveSetsAsItEndsIsSetBeforeAnotherHasItOrNeverIs() throws Exception {
        for (int i = 0; i < 50; i++) {
            Registers registers = registers();
            String name = "r" + i;
            registers.claim(ENCLAVE, version(1), name);
            registers.advance(ENCLAVE, HOST, version(1), name, 0, state(1));
            Thread setting = Thread.ofVirtual().start(() -> {
                try {
                    for (int version = 1; version < 100; version++) {
                        registers.advance(ENCLAVE, HOST, version(1), name, version, state(version + 1));
                    }
                } catch (RegisterRefusedException e) {
                    // It has ended.
                }
            });
            registers.release(ENCLAVE);
            long found = registers.claim(OTHER, version(1), name).orElseThrow().version();
            registers.advance(OTHER, HOST, version(1), name, found, state(found + 1));
            setting.join();
            assertThat(registers.claim(OTHER, version(1), name).orElseThrow().version()).isEqualTo(found + 1);
        }
    }

    @Test
    void namesAndDigestsHaveTheirForm() throws Exception {
        Registers registers = registers();
        for (String name : List.of("", "A", "1a", "a/b", "..", "a".repeat(65))) {
            assertThatIllegalArgumentException().as(name).isThrownBy(() -> registers.claim(ENCLAVE, version(1), name));
        }
        registers.claim(ENCLAVE, version(1), "journal");
        assertThatIllegalArgumentException().isThrownBy(
                () -> registers.advance(ENCLAVE, HOST, version(1), "journal", 0, new RegisterState(1, new byte[31])));
    }
}
