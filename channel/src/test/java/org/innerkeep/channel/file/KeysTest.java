package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.CharBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.junit.jupiter.api.Test;

/** Identities, recipients and file keys. */
class KeysTest {
    private static final Instant CREATED = Instant.parse("2026-01-02T03:04:05.678Z");

    private static String file(Identity identity) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        identity.writeFile(out, CREATED);
        return out.toString(US_ASCII);
    }

    private static String text(Identity identity) throws IOException {
        return file(identity).lines().skip(2).findFirst().orElseThrow();
    }

    private static List<Identity> read(String file) throws IOException {
        return Identity.readFile(new ByteArrayInputStream(file.getBytes(US_ASCII)));
    }

    @Test
    void identityFileHasTwoCommentsAndTheSecret() throws IOException {
        Identity identity = Samples.identity(1);
        assertThat(file(identity)).matches("# created: 2026-01-02T03:04:05Z\n# public key: " + identity.recipient()
            + "\nAGE-SECRET-KEY-1[0-9A-Z]{58}\n");
    }

    @Test
    void identityFileMayHoldSeveralWithCommentsEmptyLinesAndAnyLineEnds() throws IOException {
        Identity one = Samples.identity(1);
        Identity two = Samples.identity(2);
        List<Identity> read = read("\n# mine\r\n" + text(one) + "\r\n\r\n#\n" + text(two));
        assertThat(read).extracting(Identity::recipient).containsExactly(one.recipient(), two.recipient());
    }

    @Test
    void faultyIdentityFileNamesTheLineAndNotTheSecret() throws IOException {
        String good = text(Samples.identity(1));
        String mistyped = good.substring(0, 40) + (good.charAt(40) == 'Q' ? 'P' : 'Q') + good.substring(41);
        assertThatThrownBy(() -> read("# mine\n" + good + "\n" + mistyped + "\n"))
            .isInstanceOfSatisfying(SealedFileException.class, e -> assertThat(e.code()).isEqualTo(Code.IDENTITY_MALFORMED))
            .hasMessageContaining("line 3").hasMessageContaining("checksum").hasMessageNotContaining(mistyped.substring(16, 30));
        refused(Code.IDENTITY_MALFORMED, () -> read(""));
        refused(Code.IDENTITY_MALFORMED, () -> read("# only a comment\n"));
        refused(Code.IDENTITY_MALFORMED, () -> read(" " + good));
        refused(Code.IDENTITY_MALFORMED, () -> read(good + " "));
        refused(Code.IDENTITY_MALFORMED, () -> read(good.toLowerCase(Locale.ROOT)));
        refused(Code.IDENTITY_MALFORMED, () -> read("#".repeat(1 << 20) + "\n" + good));
    }

    @Test
    void identityOfAnotherKindIsUnsupported() {
        refused(Code.UNSUPPORTED, () -> read("AGE-PLUGIN-YUBIKEY-1QQQQ"));
        refused(Code.UNSUPPORTED, () -> read(Armor.BEGIN));
        refused(Code.UNSUPPORTED, () -> Recipient.parse("age1pq1qqqq"));
        refused(Code.UNSUPPORTED, () -> Recipient.parse("ssh-ed25519 AAAA"));
        refused(Code.RECIPIENT_MALFORMED, () -> Recipient.parse("age1"));
    }

    @Test
    void textWithTheRightChecksumAndTheWrongLengthIsRefused() {
        for (int length : new int[] {0, 16, 31, 33}) {
            String identity = new String(Bech32.encode("AGE-SECRET-KEY-", new byte[length]), US_ASCII);
            refused(Code.IDENTITY_MALFORMED, () -> Identity.parse(identity));
            byte[] key = new byte[length];
            Arrays.fill(key, (byte) 9);
            String recipient = new String(Bech32.encode("age", key), US_ASCII);
            refused(Code.RECIPIENT_MALFORMED, () -> Recipient.parse(recipient));
        }
    }

    @Test
    void anyMistypedCharacterOfARecipientIsNoticed() throws IOException {
        String text = Samples.identity(1).recipient().toString();
        assertThat(Recipient.parse(text)).hasToString(text);
        for (int at = 0; at < text.length(); at++) {
            char other = text.charAt(at) == 'q' ? 'p' : 'q';
            String mistyped = text.substring(0, at) + other + text.substring(at + 1);
            refused(Code.RECIPIENT_MALFORMED, () -> Recipient.parse(mistyped));
        }
        refused(Code.RECIPIENT_MALFORMED, () -> Recipient.parse(text.toUpperCase(Locale.ROOT)));
        refused(Code.RECIPIENT_MALFORMED, () -> Recipient.parse(text + "q"));
        refused(Code.RECIPIENT_MALFORMED, () -> Recipient.parse(text.substring(0, 61) + "ł"));
    }

    @Test
    void identityIsReadFromMemoryThatCanBeWiped() throws IOException {
        Identity identity = Samples.identity(1);
        try (Identity again = Identity.parse(CharBuffer.wrap(text(identity).toCharArray()))) {
            assertThat(again.recipient()).isEqualTo(identity.recipient());
        }
    }

    @Test
    void secretsAreNotPrinted() throws IOException {
        Identity identity = Samples.identity(1);
        assertThat(identity).hasToString("Identity[" + identity.recipient() + "]");
        FileKey key = FileKey.fromSecretBytes("YELLOW SUBMARINE".getBytes(US_ASCII));
        assertThat(key.toString()).isEqualTo("FileKey[secret]");
        assertThat(new RawKey("Generic", new byte[32])).hasToString("Generic key");
    }

    @Test
    void closedKeysAreUseless() throws IOException {
        Identity identity = Samples.identity(1);
        byte[] file = Samples.seal(new byte[10], identity);
        FileKey key = Samples.unwrap(file, identity);
        FileKey same = Samples.unwrap(file, identity);
        assertThat(key.matches(same)).isTrue();
        identity.close();
        key.close();
        assertThatThrownBy(() -> Samples.unseal(file, identity)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Samples.open(file, key)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(key::exposeSecretBytes).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> same.matches(key)).isInstanceOf(IllegalStateException.class);
        assertThat(identity.recipient()).isEqualTo(Samples.identity(1).recipient());
    }

    @Test
    void closingWipesTheOwnedBytes() {
        byte[] owned = {1, 2, 3};
        new SecretBytes(owned).close();
        assertThat(owned).containsOnly(0);
        byte[] cipherKey = new byte[ChaCha20Poly1305.KEY];
        Arrays.fill(cipherKey, (byte) 5);
        new ChaCha20Poly1305(cipherKey).close();
        assertThat(cipherKey).containsOnly(0);
    }

    @Test
    void fileKeyKeepsAndGivesCopies() {
        byte[] bytes = "YELLOW SUBMARINE".getBytes(US_ASCII);
        FileKey key = FileKey.fromSecretBytes(bytes);
        Arrays.fill(bytes, (byte) 0);
        Arrays.fill(key.exposeSecretBytes(), (byte) 0);
        assertThat(key.exposeSecretBytes()).isEqualTo("YELLOW SUBMARINE".getBytes(US_ASCII));
        assertThatThrownBy(() -> FileKey.fromSecretBytes(new byte[15])).isInstanceOf(IllegalArgumentException.class);
    }

    private interface Reading {
        void run() throws IOException;
    }

    private static void refused(Code code, Reading reading) {
        assertThatThrownBy(reading::run).isInstanceOfSatisfying(SealedFileException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
