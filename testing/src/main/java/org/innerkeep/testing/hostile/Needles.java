package org.innerkeep.testing.hostile;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Searches bytes for pieces of secrets in several forms at once: raw, hexadecimal, Base64 at each of its three offsets. */
final class Needles {
    private static final int LEAST_BYTES = 8;

    private final Map<Long, List<byte[]>> byStart = new HashMap<>();

    Needles(Iterable<byte[]> needles) {
        boolean any = false;
        for (byte[] needle : needles) {
            if (needle.length < LEAST_BYTES) {
                throw new IllegalArgumentException("a needle has at least " + LEAST_BYTES + " bytes, found one of " + needle.length);
            }
            any = true;
            forms(needle).forEach(this::add);
        }
        if (!any) {
            throw new IllegalArgumentException("a search for nothing finds nothing: give at least one needle");
        }
    }

    private static List<byte[]> forms(byte[] needle) {
        List<byte[]> forms = new ArrayList<>();
        forms.add(needle.clone());
        forms.add(HexFormat.of().formatHex(needle).getBytes(StandardCharsets.US_ASCII));
        forms.add(HexFormat.of().withUpperCase().formatHex(needle).getBytes(StandardCharsets.US_ASCII));
        for (int before = 0; before < 3; before++) {
            // What precedes the needle decides how its bits fall; the characters at both ends hold foreign bits as well.
            byte[] shifted = new byte[before + needle.length];
            System.arraycopy(needle, 0, shifted, before, needle.length);
            byte[] text = Base64.getEncoder().withoutPadding().encode(shifted);
            int first = (before * 8 + 5) / 6;
            int last = shifted.length * 8 / 6;
            if (last - first >= LEAST_BYTES) {
                forms.add(Arrays.copyOfRange(text, first, last));
            }
        }
        return forms;
    }

    private void add(byte[] form) {
        byStart.computeIfAbsent(ByteBuffer.wrap(form).getLong(), start -> new ArrayList<>()).add(form);
    }

    /** {@return where the first one begins, or -1} */
    int in(byte[] bytes) {
        if (bytes.length < LEAST_BYTES) {
            return -1;
        }
        long window = ByteBuffer.wrap(bytes).getLong();
        for (int at = 0; ; at++) {
            List<byte[]> candidates = byStart.get(window);
            if (candidates != null) {
                for (byte[] form : candidates) {
                    if (at + form.length <= bytes.length
                            && Arrays.equals(bytes, at, at + form.length, form, 0, form.length)) {
                        return at;
                    }
                }
            }
            if (at + LEAST_BYTES >= bytes.length) {
                return -1;
            }
            window = window << 8 | bytes[at + LEAST_BYTES] & 0xff;
        }
    }
}
