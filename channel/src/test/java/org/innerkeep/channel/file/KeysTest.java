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
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.innerkeep.channel.internal.hpke.ChaCha20Poly1305;
import org.innerkeep.channel.internal.hpke.RawKey;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @EnumSource
    void identityFileHasTwoCommentsAndTheSecret(KeyKind kind) throws IOException {
        Identity identity = Samples.identity(kind, 1);
        assertThat(file(identity)).matches("# created: 2026-01-02T03:04:05Z\n# public key: " + identity.recipient()
            + "\n" + kind.identityPrefix() + "1[0-9A-Z]{58}\n");
    }

    @Test
    void identityFileMayHoldSeveralWithCommentsEmptyLinesAndAnyLineEnds() throws IOException {
        Identity one = Samples.identity(1);
        Identity two = Samples.identity(KeyKind.CLASSIC, 2);
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

    @ParameterizedTest
    @EnumSource
    void recipientIsKnownAfterwardsIfItWasAskedForBefore(KeyKind kind) throws IOException {
        Identity made = Samples.identity(kind, 1);
        Recipient recipient = made.recipient();
        String text = text(made);
        made.close();
        assertThat(made.recipient()).isEqualTo(recipient);
        Identity asked = Identity.parse(text);
        assertThat(asked).hasToString("Identity[" + recipient + "]");
        asked.close();
        assertThat(asked.recipient()).isEqualTo(recipient);
        Identity never = Identity.parse(text);
        never.close();
        assertThatThrownBy(never::recipient).isInstanceOf(IllegalStateException.class);
        assertThat(never).hasToString("Identity[closed]");
    }

    @Test
    void identityOfAnotherKindIsUnsupported() {
        refused(Code.UNSUPPORTED, () -> read("AGE-PLUGIN-YUBIKEY-1QQQQ"));
        refused(Code.UNSUPPORTED, () -> read(Armor.BEGIN));
        refused(Code.UNSUPPORTED, () -> Recipient.parse("age1tagpq1qqqq"));
        refused(Code.UNSUPPORTED, () -> Recipient.parse("ssh-ed25519 AAAA"));
        refused(Code.RECIPIENT_MALFORMED, () -> Recipient.parse("age1"));
    }

    @ParameterizedTest
    @EnumSource
    void textWithTheRightChecksumAndTheWrongLengthIsRefused(KeyKind kind) {
        for (int length : new int[] {0, 16, 31, 33, 64}) {
            String identity = new String(Bech32.encode(kind.identityPrefix(), new byte[length]), US_ASCII);
            refused(Code.IDENTITY_MALFORMED, () -> Identity.parse(identity));
        }
        int right = kind.publicKeyLength();
        int other = KeyKind.CLASSIC.publicKeyLength() + KeyKind.HYBRID.publicKeyLength() - right;
        for (int length : new int[] {0, 1, right - 1, right + 1, other}) {
            byte[] key = new byte[length];
            Arrays.fill(key, (byte) 9);
            String recipient = new String(Bech32.encode(kind.recipientPrefix(), key), US_ASCII);
            refused(Code.RECIPIENT_MALFORMED, () -> Recipient.parse(recipient));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anyMistypedCharacterOfARecipientIsNoticed(KeyKind kind) throws IOException {
        String text = Samples.identity(kind, 1).recipient().toString();
        assertThat(Recipient.parse(text)).hasToString(text);
        for (int at = 0; at < text.length(); at++) {
            char other = text.charAt(at) == 'q' ? 'p' : 'q';
            String mistyped = text.substring(0, at) + other + text.substring(at + 1);
            refused(Code.RECIPIENT_MALFORMED, () -> Recipient.parse(mistyped));
        }
        refused(Code.RECIPIENT_MALFORMED, () -> Recipient.parse(text.toUpperCase(Locale.ROOT)));
        refused(Code.RECIPIENT_MALFORMED, () -> Recipient.parse(text + "q"));
        refused(Code.RECIPIENT_MALFORMED, () -> Recipient.parse(text.substring(0, text.length() - 1) + "ł"));
    }

    @Test
    void textsOfTheTwoKindsHaveTheLengthsThatAreDocumented() throws IOException {
        assertThat(Samples.identity(KeyKind.HYBRID, 1).recipient().toString()).hasSize(1959).startsWith("age1pq1");
        assertThat(Samples.identity(KeyKind.CLASSIC, 1).recipient().toString()).hasSize(62).startsWith("age1");
        assertThat(text(Samples.identity(KeyKind.HYBRID, 1))).hasSize(19 + 58);
        assertThat(text(Samples.identity(KeyKind.CLASSIC, 1))).hasSize(16 + 58);
    }

    @Test
    void newIdentityIsHybridUnlessAskedOtherwise() {
        assertThat(Identity.generate(Samples.random(1)).recipient().kind()).isEqualTo(KeyKind.HYBRID);
        assertThat(Identity.generate(KeyKind.CLASSIC, Samples.random(1)).recipient().kind()).isEqualTo(KeyKind.CLASSIC);
    }

    @Test
    void secretOfOneKindIsNotReadAsTheOther() {
        byte[] secret = new byte[KeyKind.SECRET];
        byte[] classic = Bech32.encode(KeyKind.CLASSIC.identityPrefix(), secret);
        byte[] hybrid = Bech32.encode(KeyKind.HYBRID.identityPrefix(), secret);
        // The checksum covers the prefix, so that neither becomes the other by a change of its beginning.
        String swapped = "AGE-SECRET-KEY-PQ-1" + new String(classic, US_ASCII).substring("AGE-SECRET-KEY-1".length());
        refused(Code.IDENTITY_MALFORMED, () -> Identity.parse(swapped));
        String other = "AGE-SECRET-KEY-1" + new String(hybrid, US_ASCII).substring("AGE-SECRET-KEY-PQ-1".length());
        refused(Code.IDENTITY_MALFORMED, () -> Identity.parse(other));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000080"
    })
    void recipientOfLowOrderIsRefused(String point) {
        byte[] low = HexFormat.of().parseHex(point);
        byte[] hybrid = Samples.identity(KeyKind.HYBRID, 1).recipient().publicKey().toArray();
        System.arraycopy(low, 0, hybrid, hybrid.length - low.length, low.length);
        for (byte[] key : List.of(low, hybrid)) {
            assertThatThrownBy(() -> new Recipient(Bytes.of(key))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("low order");
            KeyKind kind = KeyKind.ofPublicKey(key.length).orElseThrow();
            String text = new String(Bech32.encode(kind.recipientPrefix(), key), US_ASCII);
            assertThatThrownBy(() -> Recipient.parse(text)).isInstanceOf(SealedFileException.class)
                .hasMessageContaining("low order");
        }
    }

    @Test
    void hybridRecipientThatIsNotReducedIsRefused() {
        byte[] key = Samples.identity(KeyKind.HYBRID, 1).recipient().publicKey().toArray();
        Arrays.fill(key, 0, 3, (byte) 0xff);
        String text = new String(Bech32.encode("age1pq", key), US_ASCII);
        refused(Code.RECIPIENT_MALFORMED, () -> Recipient.parse(text));
        assertThatThrownBy(() -> Recipient.parse(text)).hasMessageContaining("not reduced");
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
