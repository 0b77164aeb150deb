package org.innerkeep.attestation.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.innerkeep.attestation.store.Samples.decision;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.innerkeep.attestation.log.HeadFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that was put back to an older copy between two starts, and one that another was put in the place of. */
class RollbackGuardTest {
    @TempDir
    private Path folder;

    private Path home() {
        return folder.resolve("store");
    }

    private Path store() {
        return home().resolve("store.db");
    }

    /** Opens, records so much, and closes. */
    private void record(int count, String accepted) throws IOException {
        Files.createDirectories(home());
        try (HeadFile heads = HeadFile.open(folder.resolve("log.key.head"), Samples.KEY.anchor());
                AttestationStore opened = AttestationStore.open(Samples.sqlite(store()).withHeadFile(heads, accepted))) {
            for (int i = 0; i < count; i++) {
                opened.record(decision("evidence " + i));
            }
        }
    }

    private void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> old = Files.list(to)) {
            for (Path each : old.toList()) {
                Files.delete(each);
            }
        }
        try (Stream<Path> files = Files.list(from)) {
            for (Path each : files.toList()) {
                Files.copy(each, to.resolve(each.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private StoreException refused(String accepted) {
        StoreException refused = catchThrowableOfType(StoreException.class, () -> record(0, accepted));
        assertThat(refused).isNotNull();
        assertThat(refused.code()).isEqualTo(StoreException.Code.ROLLED_BACK);
        return refused;
    }

    private static String accepted(StoreException refused) {
        return String.valueOf(refused.getMessage()).replaceAll("(?s).*accept-rollback=([0-9]+:[0-9a-f]+) .*", "$1");
    }

    @Test
    void aStoreThatGoesOnIsOpenedAgainAndAgain() throws Exception {
        for (int i = 0; i < 4; i++) {
            record(i, "");
        }
    }

    @Test
    void anOlderCopyIsNotOpened() throws Exception {
        record(3, "");
        copy(home(), folder.resolve("backup"));
        record(2, "");
        copy(folder.resolve("backup"), home());

        assertThat(refused("")).hasMessageContaining("this instance knows 6 leaves").hasMessageContaining("its log has 4 leaves");
        // Asking again does not make it true.
        refused("");
    }

    @Test
    void anOlderCopyThatWentOnElsewhereIsNotOpenedThoughItIsLonger() throws Exception {
        record(3, "");
        copy(home(), folder.resolve("backup"));
        record(1, "");
        copy(folder.resolve("backup"), home());
        try (AttestationStore elsewhere = AttestationStore.open(Samples.sqlite(store()))) {
            for (int i = 0; i < 5; i++) {
                elsewhere.record(decision("another history " + i));
            }
        }

        assertThat(refused("")).hasMessageContaining("does not go on");
    }

    @Test
    void theHeadThatIsGivenUpIsNamedAndNoOtherIs() throws Exception {
        record(3, "");
        copy(home(), folder.resolve("backup"));
        record(2, "");
        copy(folder.resolve("backup"), home());
        String accepted = accepted(refused(""));

        refused("4");
        refused("4:00");
        record(1, accepted);
        // From then on it is like any other, and the setting, left behind, accepts nothing more.
        record(1, accepted);
        copy(home(), folder.resolve("newer"));
        record(1, "");
        assertThat(refusedAfter(folder.resolve("newer"), accepted)).hasMessageContaining("its log has 6 leaves");
        assertThat(refusedAfter(folder.resolve("backup"), accepted)).hasMessageContaining("its log has 4 leaves");
    }

    @Test
    void aSpentValueDoesNotAcceptTheSameOldCopyAgain() throws Exception {
        record(3, "");
        copy(home(), folder.resolve("backup"));
        record(2, "");
        copy(folder.resolve("backup"), home());
        String accepted = accepted(refused(""));
        List<String> warnings = warnings(() -> record(1, accepted));

        assertThat(warnings).singleElement().asString().contains("a log of 4 leaves", "the one of 6 leaves", "That value is spent");
        assertThat(warnings(() -> record(0, accepted))).isEmpty();
        assertThat(refusedAfter(folder.resolve("backup"), accepted)).hasMessageContaining("this instance knows 5 leaves");
    }

    @Test
    void itIsAcceptedAlsoWhereOthersHaveWrittenSinceItWasRefused() throws Exception {
        record(3, "");
        copy(home(), folder.resolve("backup"));
        record(2, "");
        copy(folder.resolve("backup"), home());
        String accepted = accepted(refused(""));
        try (AttestationStore another = AttestationStore.open(Samples.sqlite(store()))) {
            another.record(decision("of another instance"));
        }

        record(1, accepted);
        record(1, "");
    }

    @Test
    void aFileThatIsGoneIsSaidLoudlyButNotAtTheVeryFirstStart() throws Exception {
        assertThat(warnings(() -> record(3, ""))).isEmpty();
        Files.delete(folder.resolve("log.key.head"));

        assertThat(warnings(() -> record(0, ""))).singleElement().asString()
                .contains("no head was kept", "the log of 4 leaves is taken as it is");
        assertThat(warnings(() -> record(0, ""))).isEmpty();
    }

    /** What is said to the operator meanwhile. */
    private static List<String> warnings(ThrowingCallable during) throws Exception {
        List<String> said = new ArrayList<>();
        Logger logger = Logger.getLogger("org.innerkeep.attestation.store");
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                if (line.getLevel().equals(Level.WARNING)) {
                    said.add(line.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        try {
            assertThatCode(during).doesNotThrowAnyException();
        } finally {
            logger.removeHandler(handler);
        }
        return said;
    }

    private StoreException refusedAfter(Path backup, String accepted) throws IOException {
        copy(backup, home());
        return refused(accepted);
    }

    private void deleteStore() throws IOException {
        try (Stream<Path> files = Files.list(home())) {
            for (Path each : files.toList()) {
                Files.delete(each);
            }
        }
    }

    @Test
    void aStoreThatIsGoneIsNotMadeAnewUnasked() throws Exception {
        record(3, "");
        copy(home(), folder.resolve("backup"));
        deleteStore();

        StoreException refused = refused("");
        assertThat(refused).hasMessageContaining("it is empty");
        refused("empty");
        String accepted = accepted(refused);
        record(1, accepted);
        record(1, "");
        deleteStore();
        assertThat(refused(accepted)).hasMessageContaining("it is empty");
        assertThat(refusedAfter(folder.resolve("backup"), "")).hasMessageContaining("does not go on");
    }

    @Test
    void aHeadThatCannotBeKeptIsAFailureAndNoReceiptIsGiven() throws Exception {
        Files.createDirectories(home());
        HeadFile heads = HeadFile.open(folder.resolve("log.key.head"), Samples.KEY.anchor());
        try (AttestationStore opened = AttestationStore.open(Samples.sqlite(store()).withHeadFile(heads, ""))) {
            opened.record(decision("one"));
            heads.close();

            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> opened.record(decision("two")))
                    .matches(StoreException::mayHaveHappened)
                    .withMessageContaining("cannot be kept");
            assertThat(opened.writeFailure()).isPresent();
        }
    }
}
