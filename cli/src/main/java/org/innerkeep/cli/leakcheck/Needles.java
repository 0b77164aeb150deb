package org.innerkeep.cli.leakcheck;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What must not be seen: rows of tables and keys, each in all its {@linkplain Form forms}, with labels that name a secret
 * without showing it. Every form of a secret that is sought is at least {@value #MIN_BYTES} bytes long.
 *
 * <p>A run of {@value #RUN} fields is sought only if it is specific: at least three different fields, of which two are neither a
 * multiple of ¼ between -16 and 16 nor a word of fewer than three characters; as binary numbers, at least five different
 * bytes that are not zero. Zeros, ones, halves and small counts lie in any program's memory, and a few whole numbers among
 * zeros as floats are found by chance in tables of integers. What is not specific is counted in {@link #skipped()}.
 *
 * <p>Instances are immutable and safe for use by several threads. They hold the secrets as long as they are reachable, and
 * never print them.
 */
public final class Needles {
    /** The fewest consecutive fields of a row that are sought. A longer run holds one of this length. */
    public static final int RUN = 4;
    /** The fewest bytes of a needle; a shorter one would be found by chance. */
    public static final int MIN_BYTES = 12;
    /** The fewest bytes of a key. */
    public static final int MIN_KEY_BYTES = 16;
    /** The most bytes of a key. */
    public static final int MAX_KEY_BYTES = 1024;
    /** The most characters of a row or run that are compared; of a longer one, its beginning is sought. */
    public static final int MAX_TEXT = 2048;
    /** The most needles. */
    public static final int MAX_NEEDLES = 4_000_000;

    private static final String ROW = " row ";
    private static final int DIFFERENT_BYTES = 5;
    private static final int LABEL_LENGTH = 64;
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

    private final byte[][] bytes;
    private final Form[] forms;
    private final String[] labels;
    private final Map<Form, Integer> counts;
    private final Map<Form, Integer> skipped;

    private Needles(Builder builder) {
        this.bytes = builder.bytes.toArray(byte[][]::new);
        this.forms = builder.forms.toArray(Form[]::new);
        this.labels = builder.labels.toArray(String[]::new);
        Map<Form, Integer> sought = new EnumMap<>(Form.class);
        builder.forms.forEach(form -> sought.merge(form, 1, Integer::sum));
        this.counts = Collections.unmodifiableMap(sought);
        this.skipped = Collections.unmodifiableMap(new EnumMap<>(builder.skipped));
    }

    /** {@return a builder with nothing to look for yet} */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return the number of needles} */
    public int size() {
        return bytes.length;
    }

    /** {@return the number of needles of each form; a form without needles is absent} */
    public Map<Form, Integer> counts() {
        return counts;
    }

    /** {@return the number of rows and runs that are not sought because they are too poor or too short, for each form} */
    public Map<Form, Integer> skipped() {
        return skipped;
    }

    /** {@return how many needles of which forms, without their bytes} */
    @Override
    public String toString() {
        return "needles " + counts + ", not specific and not sought " + skipped;
    }

    List<byte[]> patterns() {
        return List.of(bytes);
    }

    Form form(int needle) {
        return forms[needle];
    }

    /** Whose secret a needle is: the owner of a row, the name of a key. */
    String owner(int needle) {
        int row = labels[needle].lastIndexOf(ROW);
        return row < 0 || forms[needle].name().startsWith("KEY") ? labels[needle] : labels[needle].substring(0, row);
    }

    /** {@return whose secrets are sought, in the order of their names} */
    public Set<String> owners() {
        Set<String> owners = new TreeSet<>();
        for (int i = 0; i < bytes.length; i++) {
            owners.add(owner(i));
        }
        return Collections.unmodifiableSet(owners);
    }

    String label(int needle) {
        return labels[needle];
    }

    /** Collects what to look for. Not for use by several threads at once. */
    public static final class Builder {
        private final List<byte[]> bytes = new ArrayList<>();
        private final List<Form> forms = new ArrayList<>();
        private final List<String> labels = new ArrayList<>();
        private final Map<Form, Integer> skipped = new EnumMap<>(Form.class);
        private final Set<ByteBuffer> known = new HashSet<>();

        private Builder() {}

        /**
         * Adds a row: the whole of it and every run of its fields as text, and every run of its numbers, in their order, as
         * binary32 and binary64. Fields that are not numbers are left out of the numbers, as most programs do.
         *
         * @param owner whose row it is, for labels: 1 to 64 printable ASCII characters, not secret
         * @param number the number of the row, for labels
         * @param line the row as it stands in the file, fields separated by commas and possibly quoted (RFC 4180), without
         *     the end of the line
         * @return this builder
         */
        public Builder row(String owner, int number, String line) {
            String label = label(owner) + ROW + number;
            List<Field> fields = fields(line);
            if (specific(fields) && line.length() >= MIN_BYTES) {
                text(Form.TEXT_ROW, Form.TEXT_ROW_UTF16, line, label);
            } else {
                skip(Form.TEXT_ROW, Form.TEXT_ROW_UTF16);
            }
            for (int i = 0; i + RUN <= fields.size(); i++) {
                List<Field> run = fields.subList(i, i + RUN);
                String text = line.substring(run.getFirst().begin, run.getLast().end);
                if (specific(run) && text.length() >= MIN_BYTES) {
                    text(Form.TEXT_RUN, Form.TEXT_RUN_UTF16, text, label);
                } else {
                    skip(Form.TEXT_RUN, Form.TEXT_RUN_UTF16);
                }
            }
            List<Field> numbers = fields.stream().filter(Field::isNumber).toList();
            for (int i = 0; i + RUN <= numbers.size(); i++) {
                numbers(numbers.subList(i, i + RUN), label);
            }
            return this;
        }

        /**
         * Adds a key: raw, in hexadecimal and in base64.
         *
         * @param name the name of the key, for labels: 1 to 64 printable ASCII characters, not secret
         * @param key {@value #MIN_KEY_BYTES} to {@value #MAX_KEY_BYTES} bytes; copied
         * @return this builder
         * @throws IllegalArgumentException if the key has another size, or fewer than five different bytes that are not zero
         */
        public Builder key(String name, byte[] key) {
            String label = label(name);
            if (key.length < MIN_KEY_BYTES || key.length > MAX_KEY_BYTES) {
                throw new IllegalArgumentException("key " + label + " has " + key.length + " bytes, wanted "
                        + MIN_KEY_BYTES + " to " + MAX_KEY_BYTES);
            }
            byte[] copy = key.clone();
            if (different(copy) < DIFFERENT_BYTES) {
                throw new IllegalArgumentException("key " + label
                        + " has fewer than " + DIFFERENT_BYTES + " different bytes and would be found anywhere; give the"
                        + " real key");
            }
            add(Form.KEY_RAW, copy, label);
            text(Form.KEY_HEX, Form.KEY_HEX_UTF16, HexFormat.of().formatHex(copy), label);
            text(Form.KEY_HEX, Form.KEY_HEX_UTF16, HexFormat.of().withUpperCase().formatHex(copy), label);
            // Without padding, so that the same needle finds both.
            text(Form.KEY_BASE64, Form.KEY_BASE64_UTF16, Base64.getEncoder().withoutPadding().encodeToString(copy), label);
            text(Form.KEY_BASE64, Form.KEY_BASE64_UTF16, Base64.getUrlEncoder().withoutPadding().encodeToString(copy), label);
            return this;
        }

        /**
         * Adds a key that has a textual form of its own, such as an age identity.
         *
         * @param name the name of the key, for labels: 1 to 64 printable ASCII characters, not secret
         * @param text {@value #MIN_KEY_BYTES} to {@value #MAX_TEXT} characters
         * @return this builder
         * @throws IllegalArgumentException if the text has another length, or fewer than five different characters
         */
        public Builder keyText(String name, String text) {
            String label = label(name);
            if (text.length() < MIN_KEY_BYTES || text.length() > MAX_TEXT
                    || different(text.getBytes(StandardCharsets.UTF_8)) < DIFFERENT_BYTES) {
                throw new IllegalArgumentException("the text of key " + label + " has " + text.length()
                        + " characters, wanted " + MIN_KEY_BYTES + " to " + MAX_TEXT + ", at least " + DIFFERENT_BYTES
                        + " of them different");
            }
            text(Form.KEY_TEXT, Form.KEY_TEXT_UTF16, text, label);
            return this;
        }

        /**
         * Builds the needles. Equal bytes are one needle, with the label and form that was added first.
         *
         * @return what was added
         * @throws IllegalStateException if there is nothing to look for: such a scan would find nothing anywhere
         */
        public Needles build() {
            if (bytes.isEmpty()) {
                throw new IllegalStateException("nothing to look for: no row or key was given, or none is specific enough ("
                        + skipped + ")");
            }
            return new Needles(this);
        }

        private void numbers(List<Field> run, String label) {
            double[] doubles = run.stream().mapToDouble(Field::number).toArray();
            ByteBuffer wide = ByteBuffer.allocate(RUN * Double.BYTES);
            ByteBuffer parsed = ByteBuffer.allocate(RUN * Float.BYTES);
            ByteBuffer narrowed = ByteBuffer.allocate(RUN * Float.BYTES);
            for (int i = 0; i < RUN; i++) {
                wide.putDouble(doubles[i]);
                // The nearest float of the text and the nearest float of its nearest double can differ in the last bit.
                parsed.putFloat(Float.parseFloat(run.get(i).text));
                narrowed.putFloat((float) doubles[i]);
            }
            boolean specific = specific(run);
            binary(Form.FLOAT64, List.of(wide.array()), Double.BYTES, specific, label);
            binary(Form.FLOAT32, List.of(parsed.array(), narrowed.array()), Float.BYTES, specific, label);
        }

        /** Adds big-endian numbers, in either byte order, or counts them as skipped. */
        private void binary(Form form, List<byte[]> roundings, int width, boolean specific, String label) {
            if (!specific || roundings.stream().anyMatch(numbers -> different(numbers) < DIFFERENT_BYTES)) {
                skip(form);
                return;
            }
            for (byte[] numbers : roundings) {
                byte[] littleEndian = new byte[numbers.length];
                for (int i = 0; i < numbers.length; i++) {
                    littleEndian[i / width * width + width - 1 - i % width] = numbers[i];
                }
                add(form, littleEndian, label);
                add(form, numbers, label);
            }
        }

        private void text(Form narrow, Form wide, String text, String label) {
            String sought = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
            add(narrow, sought.getBytes(StandardCharsets.UTF_8), label);
            if (sought.chars().allMatch(c -> c <= 0xff)) {
                add(narrow, sought.getBytes(StandardCharsets.ISO_8859_1), label);
                // From its first byte that is not zero to its last such, both byte orders are the same; sought as two, one text
                // beside a zero would be found twice.
                byte[] either = sought.getBytes(StandardCharsets.UTF_16LE);
                add(wide, Arrays.copyOf(either, either.length - 1), label);
            } else {
                add(wide, sought.getBytes(StandardCharsets.UTF_16LE), label);
                add(wide, sought.getBytes(StandardCharsets.UTF_16BE), label);
            }
        }

        private void add(Form form, byte[] needle, String label) {
            if (!known.add(ByteBuffer.wrap(needle))) {
                return;
            }
            if (bytes.size() == MAX_NEEDLES) {
                throw new IllegalStateException("more than " + MAX_NEEDLES + " needles; give fewer rows");
            }
            bytes.add(needle);
            forms.add(form);
            labels.add(label);
        }

        private void skip(Form... poor) {
            for (Form form : poor) {
                skipped.merge(form, 1, Integer::sum);
            }
        }

        private static String label(String name) {
            if (name.isEmpty() || name.length() > LABEL_LENGTH || !name.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
                throw new IllegalArgumentException("a label has 1 to " + LABEL_LENGTH + " printable ASCII characters");
            }
            return name;
        }
    }

    /** One field: where it stands in its line, quotes included, its text without them, and NaN if it is not a finite number. */
    private record Field(int begin, int end, String text, double number) {
        boolean isNumber() {
            return !Double.isNaN(number);
        }

        boolean plain() {
            return isNumber() ? Math.abs(number) <= 16 && number * 4 == Math.rint(number * 4) : text.length() < 3;
        }

        Object value() {
            return isNumber() ? (Object) number : text;
        }
    }

    private static boolean specific(List<Field> run) {
        return run.stream().map(Field::value).distinct().limit(3).count() == 3
                && run.stream().filter(field -> !field.plain()).map(Field::value).distinct().limit(2).count() == 2;
    }

    private static List<Field> fields(String line) {
        List<Field> fields = new ArrayList<>();
        int begin = 0;
        boolean quoted = false;
        for (int i = 0; i <= line.length(); i++) {
            if (i == line.length() || (line.charAt(i) == ',' && !quoted)) {
                fields.add(field(line, begin, i));
                begin = i + 1;
            } else if (line.charAt(i) == '"') {
                quoted = !quoted;
            }
        }
        return fields;
    }

    private static Field field(String line, int begin, int end) {
        String raw = line.substring(begin, end).strip();
        boolean quoted = raw.length() >= 2 && raw.startsWith("\"") && raw.endsWith("\"");
        String text = quoted ? raw.substring(1, raw.length() - 1) : raw;
        double number = NUMBER.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
        // A number too large for a float would be an infinity there, which any program may hold.
        return new Field(begin, end, text, Math.abs(number) <= Float.MAX_VALUE ? number : Double.NaN);
    }

    /** {@return how many different values other than zero there are} */
    private static int different(byte[] bytes) {
        boolean[] seen = new boolean[256];
        seen[0] = true;
        int count = 0;
        for (byte b : bytes) {
            if (!seen[b & 0xff]) {
                seen[b & 0xff] = true;
                count++;
            }
        }
        return count;
    }
}
