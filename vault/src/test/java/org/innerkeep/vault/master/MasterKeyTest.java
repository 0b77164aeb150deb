package org.innerkeep.vault.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoreOptions;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a master key is opened, by what it was wrapped under, and by nothing else. */
class MasterKeyTest {
    private static final String PASSPHRASE = "correct horse battery staple";
    private static final byte[] CANARY = "under the master key".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder;

    private final SecureRandom random = new SecureRandom();
    private AttestationStore store;
    private Argon2 cost = new Argon2(64, 1, 1);
    private Optional<Bytes> wrapped = Optional.empty();

    /** Somebody who types what is expected, and reads what is shown. */
    private static final class Person implements Terminal {
        final Deque<String> types = new ArrayDeque<>();
        final List<String> prompts = new ArrayList<>();
        final List<String> read = new ArrayList<>();
        boolean keeps = true;

        Person(String... types) {
            this.types.addAll(List.of(types));
        }

        @Override
        public char[] secret(String prompt) throws IOException {
            prompts.add(prompt);
            if (types.isEmpty()) {
                throw new IOException("nobody answers");
            }
            return types.remove().toCharArray();
        }

        @Override
        public void showOnce(List<String> lines) throws IOException {
            read.addAll(lines);
            if (!keeps) {
                throw new IOException("not kept");
            }
        }
    }

    @BeforeEach
    void openStore() throws IOException {
        store = AttestationStore.open(StoreOptions.of(new StoreLocation.Sqlite(folder.resolve("store.db")), LogKey.generate()));
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private Path secretFile(String name, String content) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private ServiceConfiguration settings(String... namesAndValues) {
        Map<String, String> settings = new HashMap<>(Map.of("folder", folder.toString()));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return ServiceConfiguration.of(settings);
    }

    private List<String> open(Optional<Terminal> terminal, String... settings) throws IOException {
        MasterKey master = MasterKey.open(settings(settings), terminal, store.further(), false, cost, random);
        try (var key = master.key()) {
            if (wrapped.isEmpty()) {
                wrapped = Optional.of(key.wrap("canary", CANARY));
            }
            assertThat(key.unwrap("canary", wrapped.get())).isEqualTo(CANARY);
            master.settle();
            return master.said();
        } catch (MalformedException e) {
            throw new IOException("another master key", e);
        }
    }

    private List<String> open(String... settings) throws IOException {
        return open(Optional.empty(), settings);
    }

    private Bytes stored() throws IOException {
        return store.further().look(reader -> reader.document("vault", "master-key")).orElseThrow().body().orElseThrow();
    }

    private void assertRefusedAndUnchanged(String why, ThrowingCallable call) throws IOException {
        Bytes before = stored();
        assertThatExceptionOfType(Exception.class).isThrownBy(call).withMessageContaining(why);
        assertThat(stored()).isEqualTo(before);
    }

    @Test
    void withoutSettingsItIsUnderAFileThatIsMadeOnce() throws Exception {
        open();
        byte[] file = Files.readAllBytes(folder.resolve("vault.key"));
        assertThat(Files.getPosixFilePermissions(folder.resolve("vault.key"))).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        open();
        assertThat(Files.readAllBytes(folder.resolve("vault.key"))).isEqualTo(file);

        Files.move(folder.resolve("vault.key"), folder.resolve("away"));
        assertRefusedAndUnchanged("vault.key, is missing", this::open);
        assertThat(folder.resolve("vault.key")).doesNotExist();
        byte[] other = file.clone();
        other[0] ^= 1;
        secretFile("vault.key", "");
        Files.write(folder.resolve("vault.key"), other);
        assertRefusedAndUnchanged("wrapped under another key file", this::open);
    }

    @Test
    void aPassphraseOpensItAndAnotherDoesNot() throws Exception {
        Path file = secretFile("passphrase", PASSPHRASE + "\n");
        String[] settings = {"vault-master-key", "passphrase", "vault-passphrase-file", file.toString()};
        open(settings);
        assertThat(folder.resolve("vault.key")).doesNotExist();
        open(settings);
        open(Optional.of(new Person(PASSPHRASE)), "vault-master-key", "passphrase");

        for (String wrong : List.of(PASSPHRASE + " ", "Correct horse battery staple", "x")) {
            assertRefusedAndUnchanged("this is not the passphrase", () ->
                    open(Optional.of(new Person(wrong)), "vault-master-key", "passphrase"));
        }
        assertRefusedAndUnchanged("nobody answers", () -> open(Optional.of(new Person()), "vault-master-key", "passphrase"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertRefusedAndUnchanged("only its owner can read", () -> open(settings));
    }

    /** Costs what it is to cost, once. */
    @Test
    void thePassphraseOfAVaultCostsWhatRfc9106Recommends() throws Exception {
        MasterKey.open(settings("vault-master-key", "passphrase"), Optional.of(new Person(PASSPHRASE, PASSPHRASE)), store.further(), false,
                        random)
                .key()
                .close();
        assertThat(CodedRecord.parse(stored()).record().wrap()).isInstanceOfSatisfying(
                Wrap.UnderPassphrase.class, wrap -> assertThat(wrap.cost()).isEqualTo(Argon2.STRONG));
        // Whoever opens it pays what the store says, not what would be paid now.
        cost = new Argon2(64, 1, 1);
        Optional<Terminal> person = Optional.of(new Person(PASSPHRASE));
        open(person, "vault-master-key", "passphrase");
    }

    @Test
    void aNewPassphraseIsTypedTwiceAndNotShort() throws Exception {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> open(Optional.of(new Person("fifteen letters", "fifteen letters")), "vault-master-key", "passphrase"))
                .withMessageContaining("at least 16 characters, found 15");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> open(Optional.of(new Person(PASSPHRASE, PASSPHRASE + "r")), "vault-master-key", "passphrase"))
                .withMessageContaining("two different passphrases");
        assertNothingIsMade();
    }

    private void assertNothingIsMade() throws IOException {
        boolean made = store.further().look(reader -> reader.document("vault", "master-key").isPresent());
        assertThat(made).isFalse();
    }

    @Test
    void thePassphraseIsChangedAndTheOldOneOpensNothingMore() throws Exception {
        open(Optional.of(new Person(PASSPHRASE, PASSPHRASE)), "vault-master-key", "passphrase");
        Person person = new Person(PASSPHRASE, "a better one than before", "a better one than before");
        open(Optional.of(person), "vault-master-key", "passphrase", "vault-master-key-change", "true");
        assertThat(person.prompts).hasSize(3).first().asString().contains("until now");

        assertRefusedAndUnchanged("this is not the passphrase", () ->
                open(Optional.of(new Person(PASSPHRASE)), "vault-master-key", "passphrase"));
        open(Optional.of(new Person("a better one than before")), "vault-master-key", "passphrase");

        assertRefusedAndUnchanged("this is not the passphrase", () -> open(
                Optional.of(new Person(PASSPHRASE, "the thief's own choice", "the thief's own choice")),
                "vault-master-key", "passphrase", "vault-master-key-change", "true"));
    }

    @Test
    void theWayIsChangedOnlyWhereThatIsSaid() throws Exception {
        open();
        String passphrase = secretFile("passphrase", PASSPHRASE).toString();
        assertRefusedAndUnchanged("wrapped in the way 'file', vault-master-key says 'passphrase'", () ->
                open("vault-master-key", "passphrase", "vault-passphrase-file", passphrase));
        open("vault-master-key", "passphrase", "vault-passphrase-file", passphrase, "vault-master-key-change", "true");
        Files.delete(folder.resolve("vault.key"));
        open("vault-master-key", "passphrase", "vault-passphrase-file", passphrase);

        // Back, under a key file that is new.
        open("vault-passphrase-file", passphrase, "vault-master-key-change", "true");
        open();
        // And from one key file to another.
        assertRefusedAndUnchanged("vault-previous-master-key-file: expected", () -> open("vault-master-key-change", "true"));
        String old = Files.move(folder.resolve("vault.key"), folder.resolve("old.key")).toString();
        open("vault-master-key-change", "true", "vault-previous-master-key-file", old);
        assertThat(Files.readAllBytes(folder.resolve("vault.key"))).isNotEqualTo(Files.readAllBytes(Path.of(old)));
        open();
        assertRefusedAndUnchanged("wrapped under another key file", () -> open("vault-master-key-file", old));
    }

    @Test
    void nothingThatAThiefFindsInTheStoreOpensIt() throws Exception {
        open(Optional.of(new Person(PASSPHRASE, PASSPHRASE)), "vault-master-key", "passphrase", "vault-recovery", "2/3",
                "vault-recovery-folder", Files.createDirectory(folder.resolve("shares")).toString());
        // The thief has everything but passphrase and shares, and may say what they like.
        assertRefusedAndUnchanged("'passphrase', vault-master-key says 'file'", this::open);
        assertRefusedAndUnchanged("this is not the passphrase", () ->
                open(Optional.of(new Person("a guess that is long")), "vault-master-key", "passphrase"));
        assertRefusedAndUnchanged("shown twice", () -> open(
                Optional.of(new Person(share("shares", 1), share("shares", 1))), "vault-recover", "true"));
        assertRefusedAndUnchanged("vault-recovery-shares: expected", () -> open("vault-recover", "true"));
    }

    private String share(String in, int index) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(in))) {
            Path file = files.filter(each -> each.toString().endsWith("-" + index + ".txt")).findFirst().orElseThrow();
            return Files.readAllLines(file).getLast();
        }
    }

    private String files(String in, int... indexes) throws IOException {
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder.resolve(in))) {
            List<Path> all = files.toList();
            for (int index : indexes) {
                names.add(all.stream().filter(each -> each.toString().endsWith("-" + index + ".txt")).findFirst().orElseThrow().toString());
            }
        }
        return String.join(",", names);
    }

    @Test
    void sharesAreWrittenOnceToFilesThatOnlyTheirOwnerReadsAndAreNeverTold() throws Exception {
        Path shares = Files.createDirectory(folder.resolve("shares"));
        String[] settings = {"vault-recovery", "3/5", "vault-recovery-folder", shares.toString()};
        List<String> said = open(settings);
        try (Stream<Path> files = Files.list(shares)) {
            assertThat(files.toList()).hasSize(5).allSatisfy(file -> {
                assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
                assertThat(said.toString()).doesNotContain(Files.readAllLines(file).getLast());
            });
        }
        assertThat(said).singleElement().asString().contains("5 shares are in " + shares).contains("any 3 of which");
        // At the next start there are no others.
        assertThat(open(settings)).isEmpty();
        try (Stream<Path> files = Files.list(shares)) {
            assertThat(files).hasSize(5);
        }
    }

    @Test
    void sharesThatAreShownAndNotKeptAreVoidAndNothingIsMade() throws Exception {
        Person person = new Person();
        person.keeps = false;
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> open(Optional.of(person), "vault-recovery", "2/3"))
                .withMessageContaining("not kept");
        assertNothingIsMade();
        person.keeps = true;
        person.read.clear();
        open(Optional.of(person), "vault-recovery", "2/3");
        assertThat(person.read.stream().filter(line -> line.startsWith("INNERKEEP-SHARE1-"))).hasSize(3).doesNotHaveDuplicates();
    }

    @Test
    void sharesOpenTheStoreWithoutWhatItWasWrappedUnderAndThenAreReplaced() throws Exception {
        Path shares = Files.createDirectory(folder.resolve("shares"));
        Path newer = Files.createDirectory(folder.resolve("newer"));
        open("vault-recovery", "3/5", "vault-recovery-folder", shares.toString());
        Files.delete(folder.resolve("vault.key"));

        String passphrase = secretFile("passphrase", PASSPHRASE).toString();
        String[] recover = {"vault-master-key", "passphrase", "vault-passphrase-file", passphrase, "vault-recover", "true",
            "vault-recovery", "3/5", "vault-recovery-folder", newer.toString(), "vault-recovery-shares", ""};
        recover[11] = files("shares", 1, 4);
        assertRefusedAndUnchanged("expected 3 of the 5 shares", () -> open(recover));
        recover[11] = files("shares", 1, 4, 4);
        assertRefusedAndUnchanged("shown twice", () -> open(recover));
        recover[11] = files("shares", 1, 4, 5);
        open(recover);
        open("vault-master-key", "passphrase", "vault-passphrase-file", passphrase);

        // The old shares were in one place: they open the store of now no more, the new ones do.
        assertRefusedAndUnchanged("others were given out", () -> open(recover));
        recover[11] = files("newer", 2, 3, 5);
        recover[9] = Files.createDirectory(folder.resolve("newest")).toString();
        open(recover);
    }

    @Test
    void sharesSurviveEveryChangeOfTheWayAndCanBeTyped() throws Exception {
        Person person = new Person(PASSPHRASE, PASSPHRASE);
        open(Optional.of(person), "vault-master-key", "passphrase", "vault-recovery", "2/2");
        List<String> shares = person.read.stream().filter(line -> line.startsWith("INNERKEEP-SHARE1-")).toList();
        open(Optional.of(new Person(PASSPHRASE)), "vault-master-key-change", "true");
        open();
        Files.delete(folder.resolve("vault.key"));
        Person typing = new Person(" " + shares.get(1).toLowerCase(Locale.ROOT), shares.get(0).replace("-", " - "));
        open(Optional.of(typing), "vault-recover", "true");
        assertThat(typing.prompts).containsExactly("Share 1 of 2: ", "Share 2 of 2: ");
        assertThat(folder.resolve("vault.key")).exists();
        open();
    }

    @Test
    void whoeverWritesToTheDatabaseTakesNoRecoveryAwayAndHasNoSharesMadeAnew() throws Exception {
        Path given = Files.createDirectory(folder.resolve("given"));
        Path again = Files.createDirectory(folder.resolve("again"));
        open("vault-recovery", "2/3", "vault-recovery-folder", given.toString());
        CodedRecord mine = CodedRecord.parse(stored());
        MasterRecord bare = new MasterRecord(mine.record().id(), mine.record().wrap(), Optional.empty());
        for (Bytes forged : List.of(
                CodedRecord.of(bare, new byte[32]).body(),
                new CodedRecord(bare, Bytes.of(bare.toByteArray()), mine.code()).body())) {
            store.further().work(
                    writer -> {
                        writer.set("vault", "master-key", Optional.of(forged), "vault-shares-made", "somebody");
                        return true;
                    },
                    0);
            assertRefusedAndUnchanged("changed by somebody", () ->
                    open("vault-recovery", "2/3", "vault-recovery-folder", again.toString()));
        }
        assertThat(again).isEmptyDirectory();
    }

    @Test
    void aVaultForWhichNoSharesWereMadeCannotBeRecovered() throws Exception {
        Path shares = Files.createDirectory(folder.resolve("shares"));
        open();
        assertRefusedAndUnchanged("no shares were ever made", () ->
                open(Optional.of(new Person("x", "y")), "vault-recover", "true"));
        // They can be made later.
        open("vault-recovery", "2/3", "vault-recovery-folder", shares.toString());
        Files.delete(folder.resolve("vault.key"));
        open("vault-recover", "true", "vault-recovery-shares", files("shares", 3, 1));
    }

    @Test
    void whatStandsInTheStoreTellsNothing() throws Exception {
        Path shares = Files.createDirectory(folder.resolve("shares"));
        open("vault-recovery", "2/3", "vault-recovery-folder", shares.toString());
        String stored = stored().hex();
        assertThat(stored).doesNotContain(Bytes.of(Files.readAllBytes(folder.resolve("vault.key"))).hex());
        for (int i = 1; i <= 3; i++) {
            RecoveryShare share = RecoveryShare.parse(share("shares", i));
            assertThat(stored).doesNotContain(Bytes.of(share.expose()).hex());
            byte[] half = Arrays.copyOf(share.expose(), 8);
            assertThat(stored).doesNotContain(Bytes.of(half).hex());
        }
    }

    @Test
    void settingsThatCannotBeFollowedAreFoundBeforeAnythingIsMade() throws IOException {
        String missing = folder.resolve("missing").toString();
        Map<List<String>, String> wrong = new HashMap<>();
        wrong.put(List.of("vault-master-key", "paper"), "expected one of [file, passphrase, pkcs11], found 'paper'");
        wrong.put(List.of("vault-master-key", "passphrase"), "vault-passphrase-file: expected");
        wrong.put(List.of("vault-master-key", "passphrase", "vault-passphrase-file", missing), "missing");
        wrong.put(List.of("vault-master-key", "pkcs11"), "vault-pkcs11-library: expected");
        wrong.put(List.of("vault-pkcs11-library", "/lib/x.so", "vault-pkcs11-slot", "first"), "vault-pkcs11-slot");
        wrong.put(List.of("vault-recovery", "5/3"), "found 5 of 3");
        wrong.put(List.of("vault-recovery", "many"), "such as 3/5, found 'many'");
        wrong.put(List.of("vault-recovery", "3/5"), "vault-recovery-folder: expected");
        wrong.put(List.of("vault-recovery", "3/5", "vault-recovery-folder", missing), "is no folder");
        wrong.put(List.of("vault-recover", "perhaps"), "expected true or false");
        wrong.put(List.of("vault-recover", "true"), "vault-recovery-shares: expected");
        wrong.put(List.of("vault-recover", "true", "vault-recovery-shares", missing), "cannot be read");
        wrong.put(List.of("vault-recovery-shares", missing), "with vault-recover=true only");
        wrong.put(List.of("vault-recovery-renew", "true"), "with vault-recovery");
        wrong.forEach((settings, why) -> assertThatExceptionOfType(Exception.class)
                .as(String.join(" ", settings))
                .isThrownBy(() -> MasterKey.check(settings(settings.toArray(String[]::new)), false))
                .withMessageContaining(why));
        assertThat(folder.resolve("vault.key")).doesNotExist();
    }
}
