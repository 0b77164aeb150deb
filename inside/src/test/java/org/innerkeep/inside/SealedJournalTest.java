package org.innerkeep.inside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.innerkeep.attestation.store.ChangeJournal.EndedException;
import org.innerkeep.attestation.store.ChangeJournal.RefusedException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.inside.Outside.EndedHere;
import org.innerkeep.inside.Outside.Lines;
import org.innerkeep.inside.StateRefusedException.Code;
import org.junit.jupiter.api.Test;

class SealedJournalTest {
    private static final Outside FIRST = started();

    /** One that was started once. */
    private static Outside started() {
        Outside outside = new Outside();
        try (SealedJournal journal = outside.open()) {
            journal.image(new byte[0]);
            return outside;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Lines lines(SealedJournal journal) throws IOException {
        Lines lines = new Lines();
        journal.replay(lines);
        return lines;
    }

    /** A start and some changes, and then the end. */
    private static void keep(Outside outside, String... changes) throws IOException {
        try (SealedJournal journal = outside.open()) {
            journal.image(lines(journal).image());
            for (String each : changes) {
                journal.append(bytes(each));
            }
        }
    }

    private static List<String> found(Outside outside) throws IOException {
        try (SealedJournal journal = outside.open()) {
            return lines(journal).lines();
        }
    }

    private static void assertRefused(Outside outside, Code code) {
        assertThatExceptionOfType(StateRefusedException.class)
                .isThrownBy(outside::open)
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(code))
                .withMessageContaining("enclave-accept-state=");
    }

    @Test
    void whatWasKeptIsThereAtTheNextStartWithTheSameKeys() throws IOException {
        Outside outside = FIRST.copy();
        keep(outside, "one", "two");
        keep(outside, "three");
        assertThat(found(outside)).containsExactly("one", "two", "three");
        try (SealedJournal journal = outside.open();
                SealedJournal first = FIRST.copy().open()) {
            assertThat(journal.secrets()).isEqualTo(first.secrets());
            assertThat(journal.acceptance()).isEqualTo(Bytes.EMPTY);
        }
    }

    @Test
    void aNewChapterGivesUpWhatIsBeforeIt() throws IOException {
        Outside outside = FIRST.copy();
        keep(outside, "one");
        long before = outside.kept().lastKey();
        keep(outside, "two");
        assertThat(outside.kept().keySet()).containsExactly(before + 1);
    }

    @Test
    void largeImagesAndChangesGoInPieces() throws IOException {
        Outside outside = FIRST.copy();
        String large = "x".repeat(ChapterRecords.PIECE_BYTES + 7);
        keep(outside, large, "small");
        keep(outside);
        assertThat(found(outside)).containsExactly(large, "small");
        assertThat(outside.kept().lastEntry().getValue()).hasSize(1 + 2);
    }

    @Test
    void anImageIsDueWhenMoreWasAppendedThanItIsLong() throws IOException {
        Outside outside = FIRST.copy();
        try (SealedJournal journal = outside.open()) {
            journal.image(new byte[0]);
            assertThat(journal.wantsImage()).isFalse();
            journal.append(new byte[3 << 20]);
            assertThat(journal.wantsImage()).isFalse();
            journal.append(new byte[2 << 20]);
            assertThat(journal.wantsImage()).isTrue();
            journal.image(new byte[6 << 20]);
            journal.append(new byte[5 << 20]);
            assertThat(journal.wantsImage()).isFalse();
            journal.append(new byte[2 << 20]);
            assertThat(journal.wantsImage()).isTrue();
        }
    }

    /** Whatever happens, at whatever call: all that was acknowledged is there, and of what was not at most the last. */
    @Test
    void endedAnywhereItLosesNothingThatWasAcknowledged() throws IOException {
        for (long seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            Outside outside = FIRST.copy();
            List<String> acknowledged = new ArrayList<>();
            List<String> asked = new ArrayList<>();
            for (int life = 0; life < 4; life++) {
                try (SealedJournal journal = outside.open()) {
                    Lines lines = lines(journal);
                    assertThat(lines.lines()).as("seed %s, life %s", seed, life).isIn(acknowledged, asked);
                    acknowledged = new ArrayList<>(lines.lines());
                    asked = new ArrayList<>(acknowledged);
                    outside.endAt(1 + random.nextInt(30), random.nextBoolean());
                    journal.image(lines.image());
                    while (true) {
                        if (random.nextInt(5) == 0) {
                            journal.image(bytes(String.join("\n", acknowledged)));
                        }
                        String change = "change " + random.nextInt(1 << 20);
                        asked.add(change);
                        journal.append(bytes(change));
                        acknowledged.add(change);
                    }
                } catch (EndedHere e) {
                    // The next life.
                }
            }
            assertThat(found(outside)).as("seed %s", seed).isIn(acknowledged, asked);
        }
    }

    @Test
    void endedWithinALargeChangeItForgetsThatChangeOnly() throws IOException {
        byte[] large = bytes("x".repeat(ChapterRecords.PIECE_BYTES + 7));
        for (int call = 1; call <= 3; call++) {
            Outside outside = FIRST.copy();
            SealedJournal journal = outside.open();
            journal.image(new byte[0]);
            journal.append(bytes("one"));
            // Two pieces and the register: at each, after it was done.
            outside.endAt(call, true);
            assertThatExceptionOfType(EndedHere.class).isThrownBy(() -> journal.append(large));
            assertThat(found(outside)).as("call %s", call).hasSize(call > 1 ? 2 : 1).startsWith("one");
        }
    }

    @Test
    void endedAtTheVeryFirstStartItBeginsAnew() throws IOException {
        for (int call = 1; call <= 3; call++) {
            for (boolean afterwards : new boolean[] {false, true}) {
                Outside outside = new Outside();
                SealedJournal journal = outside.open();
                outside.endAt(call, afterwards);
                assertThatExceptionOfType(EndedHere.class).isThrownBy(() -> journal.image(bytes("begun")));
                keep(outside, "one");
                assertThat(found(outside)).endsWith("one");
            }
        }
    }

    @Test
    void aHostThatDoesNotAnswerFailsOneChangeAndNoMore() throws IOException {
        for (boolean afterwards : new boolean[] {false, true}) {
            Outside outside = FIRST.copy();
            SealedJournal journal = outside.open();
            journal.image(new byte[0]);
            journal.append(bytes("one"));
            outside.failAt(1, afterwards);
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> journal.append(bytes("lost")))
                    .isNotInstanceOf(EndedException.class);
            journal.append(bytes("two"));
            assertThat(found(outside)).containsExactly("one", "two");
        }
    }

    @Test
    void anImageThatTheHostDoesNotKeepLeavesWhatWasKeptAsItWas() throws IOException {
        for (int call = 1; call <= 2; call++) {
            for (boolean afterwards : new boolean[] {false, true}) {
                Outside outside = FIRST.copy();
                SealedJournal journal = outside.open();
                journal.image(new byte[0]);
                journal.append(bytes("one"));
                outside.failAt(call, afterwards);
                assertThatExceptionOfType(IOException.class).isThrownBy(() -> journal.image(bytes("one")));
                journal.append(bytes("two"));
                assertThat(found(outside)).as("call %s", call).containsExactly("one", "two");
            }
        }
    }

    @Test
    void aRegisterThatDoesNotAnswerEndsTheJournal() throws IOException {
        for (boolean afterwards : new boolean[] {false, true}) {
            Outside outside = FIRST.copy();
            SealedJournal journal = outside.open();
            journal.image(new byte[0]);
            journal.append(bytes("one"));
            outside.failAt(2, afterwards);
            assertThatExceptionOfType(EndedException.class).isThrownBy(() -> journal.append(bytes("two")));
            assertThatExceptionOfType(EndedException.class).isThrownBy(() -> journal.append(bytes("three")));
            assertThatExceptionOfType(EndedException.class).isThrownBy(() -> journal.image(new byte[0]));
            assertThat(journal.wantsImage()).isFalse();
            // What was asked for last is kept, though nobody was told so.
            assertThat(found(outside)).containsExactly("one", "two");
        }
    }

    @Test
    void anOlderCopyIsRefused() throws IOException {
        Outside outside = FIRST.copy();
        keep(outside, "one");
        Outside sameChapter = outside.copy();
        keep(outside);
        Outside chapterBefore = outside.copy();
        try (SealedJournal journal = sameChapter.open()) {
            lines(journal);
            journal.image(bytes("one"));
            journal.append(bytes("two"));
            Outside old = sameChapter.copy();
            journal.append(bytes("three"));
            Outside put = sameChapter.copy();
            put.putBack(old);
            assertRefused(put, Code.OLDER);
        }
        keep(outside, "two");
        outside.putBack(chapterBefore);
        assertRefused(outside, Code.OLDER);
    }

    @Test
    void aJournalThatWasCutOffOrTakenAwayIsRefused() throws IOException {
        Outside outside = FIRST.copy();
        keep(outside, "one", "two");
        outside.kept().lastEntry().getValue().removeLast();
        assertRefused(outside, Code.OLDER);
        outside.kept().clear();
        assertRefused(outside, Code.MISSING);
    }

    @Test
    void aStateThatBranchedOffIsRefused() throws IOException {
        Outside one = FIRST.copy();
        keep(one, "granted");
        Outside other = one.copy();
        // From the same state on, both as far.
        SealedJournal branch = one.open();
        branch.image(lines(branch).image());
        branch.append(bytes("a use"));
        SealedJournal truth = other.open();
        truth.image(lines(truth).image());
        truth.append(bytes("revoked"));
        other.putBack(one);
        assertRefused(other, Code.OTHER);
    }

    @Test
    void aChangeThatNobodyWasToldOfCannotReplaceOneThatWasAcknowledged() throws IOException {
        Outside outside = FIRST.copy();
        SealedJournal journal = outside.open();
        journal.image(new byte[0]);
        journal.append(bytes("one"));
        outside.failAt(1, true);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> journal.append(bytes("not acknowledged")));
        Outside withIt = outside.copy();
        journal.append(bytes("acknowledged"));
        outside.putBack(withIt);
        assertRefused(outside, Code.OTHER);
    }

    @Test
    void aChangedByteAnywhereIsRefused() throws IOException {
        Outside outside = FIRST.copy();
        keep(outside, "one", "two");
        List<byte[]> records = outside.kept().lastEntry().getValue();
        for (int record = 0; record < records.size(); record++) {
            int length = records.get(record).length;
            for (int at = 0; at < length; at += record == 0 ? 97 : 1) {
                Outside changed = outside.copy();
                changed.kept().lastEntry().getValue().set(record, flipped(records.get(record), at));
                assertThatExceptionOfType(StateRefusedException.class).as("byte %s of record %s", at, record)
                        .isThrownBy(changed::open);
            }
        }
        assertThat(found(outside)).containsExactly("one", "two");
    }

    private static byte[] flipped(byte[] record, int at) {
        byte[] copy = Arrays.copyOf(record, record.length);
        copy[at] ^= 1;
        return copy;
    }

    @Test
    void recordsInAnotherOrderAreRefused() throws IOException {
        Outside outside = FIRST.copy();
        keep(outside, "one", "two", "three");
        List<byte[]> records = outside.kept().lastEntry().getValue();
        byte[] second = records.get(2);
        records.set(2, records.get(3));
        records.set(3, second);
        assertRefused(outside, Code.DAMAGED);
    }

    @Test
    void anotherServicesJournalIsRefused() throws IOException {
        Outside outside = FIRST.copy();
        keep(outside, "one");
        assertThatExceptionOfType(StateRefusedException.class).isThrownBy(() -> outside.openAs("other"))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(Code.DAMAGED));
        Outside elsewhere = new Outside(2);
        keep(elsewhere, "theirs");
        outside.putBack(elsewhere);
        outside.kept().put(outside.state().orElseThrow().version() >>> 24, outside.kept().pollFirstEntry().getValue());
        assertRefused(outside, Code.DAMAGED);
    }

    @Test
    void aJournalWithoutARegisterIsRefusedAndNeverWrittenOver() throws IOException {
        Outside outside = FIRST.copy();
        keep(outside, "one");
        outside.forgetRegister();
        assertRefused(outside, Code.NO_REGISTER);
        Outside first = new Outside();
        try (SealedJournal journal = first.open()) {
            journal.image(new byte[0]);
            journal.append(bytes("in the first chapter"));
        }
        first.forgetRegister();
        assertRefused(first, Code.NO_REGISTER);
        Outside strangers = new Outside(2);
        strangers.putBack(FIRST);
        assertRefused(strangers, Code.NO_REGISTER);
    }

    @Test
    void whatIsGivenUpKnowinglyIsAcceptedOnceAndSaysSo() throws IOException {
        Outside outside = FIRST.copy();
        keep(outside, "one");
        Outside old = outside.copy();
        keep(outside, "two");
        outside.putBack(old);
        String name = nameOfRegister(outside);
        Bytes accepted;
        assertThatExceptionOfType(StateRefusedException.class).isThrownBy(outside::open)
                .withMessageContaining("enclave-accept-state=" + name);
        assertThatExceptionOfType(StateRefusedException.class).isThrownBy(() -> outside.open(name + "0"));
        try (SealedJournal journal = outside.open(name)) {
            accepted = journal.acceptance();
            assertThat(accepted.length()).isEqualTo(16);
            Lines lines = lines(journal);
            assertThat(lines.lines()).containsExactly("one");
            journal.image(lines.image());
            journal.append(bytes("three"));
        }
        // The same value accepts nothing more.
        Outside again = outside.copy();
        again.putBack(old);
        assertThatExceptionOfType(StateRefusedException.class).isThrownBy(() -> again.open(name));
        try (SealedJournal journal = outside.open(name)) {
            assertThat(journal.acceptance()).isEqualTo(accepted);
            assertThat(lines(journal).lines()).containsExactly("one", "three");
        }
        // Another one is another.
        Outside older = outside.copy();
        keep(outside, "four");
        outside.putBack(older);
        try (SealedJournal journal = outside.open(nameOfRegister(outside))) {
            assertThat(journal.acceptance()).isNotEqualTo(accepted).isNotEqualTo(Bytes.EMPTY);
        }
    }

    private static String nameOfRegister(Outside outside) {
        return outside.state().map(state -> state.version() + ":" + state.digest().hex()).orElseThrow();
    }

    /** Else the host ends the enclave once the older state is the newest, and nobody ever hears of it. */
    @Test
    void endedAnywhereWhileAnOlderStateIsAcceptedTheStateSaysSoOrIsRefused() throws IOException {
        int refused = 0;
        int said = 0;
        for (int call = 1; call <= 8; call++) {
            for (boolean afterwards : new boolean[] {false, true}) {
                Outside outside = FIRST.copy();
                keep(outside, "granted");
                Outside older = outside.copy();
                keep(outside, "revoked");
                outside.putBack(older);
                SealedJournal accepting = outside.open(nameOfRegister(outside));
                outside.endAt(call, afterwards);
                try {
                    accepting.image(lines(accepting).image());
                    accepting.append(bytes("a change"));
                    accepting.image(bytes("granted\na change"));
                } catch (EndedHere e) {
                    // The next life, which accepts nothing.
                }
                for (int life = 0; life < 2; life++) {
                    try (SealedJournal journal = outside.open()) {
                        assertThat(journal.acceptance()).as("call %s", call)
                                .isEqualTo(accepting.acceptance())
                                .isNotEqualTo(Bytes.EMPTY);
                        journal.image(lines(journal).image());
                        said++;
                    } catch (StateRefusedException e) {
                        assertThat(e.code()).isIn(Code.OLDER, Code.OTHER);
                        refused++;
                    }
                }
            }
        }
        assertThat(refused).isPositive();
        assertThat(said).isPositive();
    }

    @Test
    void settingsThatWereReplacedAreRefusedUntilTheSecurityVersionRises() throws IOException {
        Outside outside = FIRST.copy();
        keep(outside, "one");
        assertThatExceptionOfType(StateRefusedException.class)
                .isThrownBy(() -> outside.open(Outside.settings(1, "others")))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(Code.SETTINGS))
                .withMessageContaining("--svn 2");
        try (SealedJournal journal = outside.open(Outside.settings(2, "others"))) {
            journal.image(lines(journal).image());
        }
        for (Carried.Settings each : List.of(Outside.SETTINGS, Outside.settings(1, "others"), Outside.settings(2, "settings"))) {
            assertThatExceptionOfType(StateRefusedException.class).isThrownBy(() -> outside.open(each))
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo(Code.SETTINGS));
        }
        try (SealedJournal journal = outside.open(Outside.settings(2, "others"))) {
            assertThat(lines(journal).lines()).containsExactly("one");
        }
    }

    @Test
    void whatAChapterCannotHaveIsNotWrittenAndANewOneHasRoomAgain() throws IOException {
        Outside outside = FIRST.copy();
        outside.maxContent(100);
        try (SealedJournal journal = outside.open()) {
            journal.image(lines(journal).image());
            journal.append(new byte[90]);
            int before = outside.kept().lastEntry().getValue().size();
            assertThatExceptionOfType(RefusedException.class).isThrownBy(() -> journal.append(new byte[11]));
            assertThat(outside.kept().lastEntry().getValue()).hasSize(before);
            assertThat(journal.wantsImage()).isTrue();
            assertThatExceptionOfType(RefusedException.class).isThrownBy(() -> journal.image(new byte[101]));
            journal.image(bytes("one"));
            assertThat(journal.wantsImage()).isFalse();
            journal.append(bytes("two"));
        }
        assertThat(found(outside)).containsExactly("one", "two");
    }

    @Test
    void aBeginningThatNobodyCouldReadAgainIsNotWritten() throws IOException {
        Outside outside = FIRST.copy();
        try (SealedJournal journal = outside.open()) {
            lines(journal);
            outside.sealedBytes(1 << 20);
            assertThatExceptionOfType(RefusedException.class).isThrownBy(() -> journal.image(new byte[0]))
                    .withMessageContaining("enclave-recovery");
        }
    }

    @Test
    void aLostRegisterIsGivenUpByName() throws IOException {
        Outside outside = FIRST.copy();
        keep(outside, "one");
        outside.forgetRegister();
        try (SealedJournal journal = outside.open("none")) {
            assertThat(journal.acceptance()).isNotEqualTo(Bytes.EMPTY);
            assertThat(lines(journal).lines()).containsExactly("one");
        }
    }

    @Test
    void aRegisterThatWasPutBackLeavesTheNewerStateInForce() throws IOException {
        Outside outside = FIRST.copy();
        keep(outside, "one");
        Outside earlier = outside.copy();
        keep(earlier, "two");
        // The host kept the older chapter, and so the register of before still points to something.
        outside.kept().putAll(earlier.kept());
        assertThat(found(outside)).containsExactly("one", "two");
    }

    @Test
    void nothingOfWhatIsKeptIsReadableOutside() throws IOException {
        Outside outside = FIRST.copy();
        keep(outside, "a canary that sings", "another");
        keep(outside);
        try (SealedJournal journal = outside.open()) {
            byte[] secrets = journal.secrets();
            for (List<byte[]> chapter : outside.kept().values()) {
                for (byte[] record : chapter) {
                    String text = new String(record, StandardCharsets.ISO_8859_1);
                    assertThat(text).doesNotContain("canary");
                    assertThat(text).doesNotContain(new String(Arrays.copyOfRange(secrets, 8, 40), StandardCharsets.ISO_8859_1));
                }
            }
        }
    }

    @Test
    void noNonceComesTwiceUnderOneKeyWhateverFails() throws IOException {
        Outside outside = FIRST.copy();
        SealedJournal journal = outside.open();
        journal.image(new byte[0]);
        List<String> nonces = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            if (i % 3 == 0) {
                outside.failAt(1, true);
                byte[] change = bytes("lost " + i);
                assertThatExceptionOfType(IOException.class).isThrownBy(() -> journal.append(change));
            } else {
                journal.append(bytes("kept " + i));
            }
            byte[] last = outside.kept().lastEntry().getValue().getLast();
            // [2, previous, nonce, …]: array head, integer, a head of two bytes with 32, a head of one with 12.
            nonces.add(Arrays.toString(Arrays.copyOfRange(last, 1 + 1 + 2 + 32 + 1, 1 + 1 + 2 + 32 + 1 + 12)));
        }
        assertThat(nonces).doesNotHaveDuplicates();
    }
}
