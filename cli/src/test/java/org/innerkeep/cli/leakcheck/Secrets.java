package org.innerkeep.cli.leakcheck;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.SplittableRandom;

/**
 * Made-up secrets, one for each form, the same in every process. Each is made directly in its form, so that a process that holds
 * one of them holds it in no other form.
 */
final class Secrets {
    private static final int FIELDS = 4;
    /** Above Latin-1, so that a builder that begins with it never holds compact text. */
    private static final char WIDE = '\u0100';

    private Secrets() {}

    /** What to look for: of each form its own row or key, labelled with the form, in all forms. */
    static Needles needles() {
        Needles.Builder builder = Needles.builder();
        for (Form form : Form.values()) {
            switch (form) {
                // A row of four fields is its own only run; the first form added wins. For the runs, the row is longer.
                case TEXT_ROW, TEXT_ROW_UTF16, FLOAT32, FLOAT64 -> builder.row(form.name(), 1, text(form, false));
                case TEXT_RUN, TEXT_RUN_UTF16 -> builder.row(form.name(), 1, text(form, false) + ",B,0,1");
                case KEY_RAW, KEY_HEX, KEY_HEX_UTF16, KEY_BASE64, KEY_BASE64_UTF16 -> builder.key(form.name(), key(form));
                case KEY_TEXT, KEY_TEXT_UTF16 -> builder.keyText(form.name(), identity(form, false));
            }
        }
        return builder.build();
    }

    /** The label in findings of a form's secret. */
    static String label(Form form) {
        return form.name().startsWith("KEY") ? form.name() : form + " row 1";
    }

    /** The form's secret as the object that a Java program would hold: an array of bytes, floats or doubles, or a string. */
    static Object held(Form form) {
        return switch (form) {
            case TEXT_ROW, TEXT_RUN -> text(form, false);
            case TEXT_ROW_UTF16, TEXT_RUN_UTF16 -> text(form, true);
            case FLOAT32 -> floats();
            case FLOAT64 -> doubles();
            case KEY_RAW -> key(form);
            case KEY_HEX -> hex(form, false);
            case KEY_HEX_UTF16 -> hex(form, true).toCharArray();
            case KEY_BASE64 -> base64(form, false);
            case KEY_BASE64_UTF16 -> base64(form, true);
            case KEY_TEXT -> identity(form, false);
            case KEY_TEXT_UTF16 -> identity(form, true);
        };
    }

    private static double number(SplittableRandom random) {
        return random.nextInt(20_001, 99_999) / 1000.0;
    }

    private static double[] doubles() {
        SplittableRandom random = random(Form.FLOAT64);
        double[] doubles = new double[FIELDS];
        for (int i = 0; i < FIELDS; i++) {
            doubles[i] = number(random);
        }
        return doubles;
    }

    static byte[] key(Form form) {
        byte[] key = new byte[32];
        random(form).nextBytes(key);
        return key;
    }

    static String text(Form form, boolean wide) {
        StringBuilder text = builder(wide);
        // One by one: an array of them would be the form FLOAT64.
        SplittableRandom random = random(form);
        for (int i = 0; i < FIELDS; i++) {
            text.append(number(random)).append(',');
        }
        text.setLength(text.length() - 1);
        return text.toString();
    }

    private static float[] floats() {
        SplittableRandom random = random(Form.FLOAT32);
        float[] floats = new float[FIELDS];
        for (int i = 0; i < FIELDS; i++) {
            floats[i] = (float) number(random);
        }
        return floats;
    }

    private static String hex(Form form, boolean wide) {
        StringBuilder text = builder(wide);
        byte[] key = key(form);
        for (byte b : key) {
            text.append(Character.forDigit(b >> 4 & 0xf, 16)).append(Character.forDigit(b & 0xf, 16));
        }
        Arrays.fill(key, (byte) 0);
        return text.toString();
    }

    private static String base64(Form form, boolean wide) {
        byte[] key = key(form);
        byte[] encoded = Base64.getEncoder().encode(key);
        String text = ascii(encoded, wide);
        Arrays.fill(key, (byte) 0);
        return text;
    }

    private static String identity(Form form, boolean wide) {
        SplittableRandom random = random(form);
        byte[] text = ("AGE-SECRET-KEY-1" + "-".repeat(58)).getBytes(StandardCharsets.US_ASCII);
        for (int i = 16; i < text.length; i++) {
            text[i] = (byte) "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".charAt(random.nextInt(32));
        }
        return ascii(text, wide);
    }

    private static String ascii(byte[] bytes, boolean wide) {
        StringBuilder text = builder(wide);
        for (byte b : bytes) {
            text.append((char) b);
        }
        Arrays.fill(bytes, (byte) 0);
        return text.toString();
    }

    private static StringBuilder builder(boolean wide) {
        StringBuilder text = new StringBuilder(256);
        return wide ? text.append(WIDE) : text;
    }

    private static SplittableRandom random(Form form) {
        return new SplittableRandom(form.name().hashCode());
    }
}
