package org.innerkeep.cli.leakcheck;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * Keys to be sought in more forms than {@link Needles} has of its own: backwards, in halves, in base64 at each place of a longer text, as
 * decimal numbers, as hexadecimal digits with colons.
 */
final class Canaries {
    private static final String BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private static final int CHECKSUM = 6;

    private final Needles.Builder needles = Needles.builder();
    private final List<byte[]> planted = new ArrayList<>();

    /** A key of at least 16 bytes. */
    Canaries key(String name, byte[] key) {
        all(name, key);
        all(name + " backwards", backwards(key));
        if (key.length >= 2 * Needles.MIN_KEY_BYTES) {
            all(name + " first half", Arrays.copyOf(key, key.length / 2));
            all(name + " second half", Arrays.copyOfRange(key, key.length / 2, key.length));
        }
        return this;
    }

    private static byte[] backwards(byte[] key) {
        byte[] reversed = new byte[key.length];
        for (int i = 0; i < key.length; i++) {
            reversed[i] = key[key.length - 1 - i];
        }
        return reversed;
    }

    private void all(String name, byte[] key) {
        needles.key(name, key);
        planted.add(key);
        for (String hex : List.of(HexFormat.of().formatHex(key), HexFormat.of().withUpperCase().formatHex(key))) {
            plant(hex);
        }
        for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
            plant(encoder.encodeToString(key));
            for (int before = 1; before < 3; before++) {
                text(name + " base64", shifted(encoder, key, before));
            }
        }
        for (String separator : List.of(",", ", ", " ")) {
            text(name + " decimal", numbers(key, separator, false));
            text(name + " decimal", numbers(key, separator, true));
        }
        text(name + " hex with colons", HexFormat.ofDelimiter(":").formatHex(key));
        text(name + " hex with colons", HexFormat.ofDelimiter(":").withUpperCase().formatHex(key));
    }

    /** The characters that depend on the key alone, however it goes on before and behind it. */
    private static String shifted(Base64.Encoder encoder, byte[] key, int before) {
        byte[] longer = new byte[before + key.length];
        System.arraycopy(key, 0, longer, before, key.length);
        String encoded = encoder.withoutPadding().encodeToString(longer);
        return encoded.substring((8 * before + 5) / 6, 8 * longer.length / 6);
    }

    private static String numbers(byte[] key, String separator, boolean signed) {
        List<String> numbers = new ArrayList<>();
        for (byte each : key) {
            numbers.add(Integer.toString(signed ? each : each & 0xff));
        }
        return String.join(separator, numbers);
    }

    private void text(String name, String text) {
        needles.keyText(name, text);
        plant(text);
    }

    private void plant(String text) {
        planted.add(text.getBytes(StandardCharsets.US_ASCII));
        planted.add(text.getBytes(StandardCharsets.UTF_16LE));
    }

    /** An age identity: its text in upper and lower case, and the bytes that it stands for in every form. */
    Canaries identity(String name, String identity) {
        String data = identity.substring(identity.lastIndexOf('1') + 1);
        text(name + " text", identity.toUpperCase(Locale.ROOT));
        text(name + " text", identity.toLowerCase(Locale.ROOT));
        // Without what every identity begins with, and in halves.
        text(name + " text", data.substring(0, data.length() / 2));
        text(name + " text", data.substring(data.length() / 2));
        return key(name, decode(data.substring(0, data.length() - CHECKSUM)));
    }

    private static byte[] decode(String data) {
        byte[] bytes = new byte[data.length() * 5 / 8];
        int held = 0;
        int bits = 0;
        int at = 0;
        for (char each : data.toLowerCase(Locale.ROOT).toCharArray()) {
            held = held << 5 | BECH32.indexOf(each);
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                bytes[at++] = (byte) (held >> bits);
                held &= (1 << bits) - 1;
            }
        }
        return bytes;
    }

    Needles needles() {
        return needles.build();
    }

    /** Every form that is sought, one after another with something between. */
    byte[] planted() {
        int length = planted.stream().mapToInt(each -> each.length + 3).sum();
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] each : planted) {
            System.arraycopy(each, 0, all, at, each.length);
            at += each.length;
            all[at++] = '\n';
            all[at++] = 0;
            all[at++] = '\n';
        }
        return all;
    }
}
