package org.innerkeep.examples.hospitals;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.innerkeep.examples.hospitals.RefusedException.Reason;

/**
 * Reads a table of patients from CSV, one way only: printable ASCII without quotes, a header line with exactly the agreed
 * columns in the agreed order and the label last, then one line for each patient. Lines end in LF or CRLF; the last one may
 * end with the file. A feature is a decimal number or empty where it is missing; a label is 0 or 1.
 *
 * <p>A message names the line and the column and never what stands there, the header included: a file without a header has
 * a patient in its place.
 */
final class CsvReader {
    static final int MAX_ROWS = 1 << 20;
    static final int MAX_CELLS = 1 << 26;
    /** The longest name of a column, or number, and its comma. */
    static final int MAX_CELL_BYTES = 65;

    // Float.parseFloat alone would also take spaces, hexadecimal, NaN, Infinity and a trailing f or d.
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,20}(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?");

    private final InputStream in;
    private final List<String> columns;
    private final String label;
    private final byte[] buffer;
    private float[] features = new float[0];
    private float[] labels = new float[0];
    private int line;

    private CsvReader(InputStream in, List<String> columns, String label) {
        this.in = new BufferedInputStream(in);
        this.columns = columns;
        this.label = label;
        this.buffer = new byte[(columns.size() + 1) * MAX_CELL_BYTES];
    }

    /**
     * Reads to the end.
     *
     * @param in hostile bytes
     * @param columns the agreed columns
     * @param label the agreed last column
     * @return the table, with at least one row
     * @throws RefusedException {@link Reason#COLUMNS_DIFFER} for another header, {@link Reason#INPUT_UNREADABLE} for
     *     anything else that is not as agreed
     * @throws IOException if reading fails
     */
    static PatientTable read(InputStream in, List<String> columns, String label) throws RefusedException, IOException {
        return new CsvReader(in, columns, label).read();
    }

    private PatientTable read() throws RefusedException, IOException {
        header(line());
        int rows = 0;
        for (int length = line(); length >= 0; length = line()) {
            if (rows == MAX_ROWS || (long) (rows + 1) * columns.size() > MAX_CELLS) {
                throw unreadable("more than " + rows + " rows of " + columns.size() + " columns");
            }
            reserve(rows + 1);
            row(rows++, length);
        }
        if (rows == 0) {
            throw unreadable("found no patient");
        }
        return new PatientTable(
                columns.size(), Arrays.copyOf(features, rows * columns.size()), Arrays.copyOf(labels, rows));
    }

    private void header(int length) throws RefusedException {
        String[] found = length < 0 ? new String[0] : text(0, length).split(",", -1);
        for (int i = 0; i <= columns.size(); i++) {
            String wanted = i < columns.size() ? columns.get(i) : label;
            if (i >= found.length || !found[i].equals(wanted)) {
                throw RefusedException.of(
                        Reason.COLUMNS_DIFFER, "line 1, column " + (i + 1) + ": expected \"" + wanted + "\", found another");
            }
        }
        if (found.length != columns.size() + 1) {
            throw RefusedException.of(
                    Reason.COLUMNS_DIFFER,
                    "line 1: expected " + (columns.size() + 1) + " columns, found " + found.length);
        }
    }

    private void row(int row, int length) throws RefusedException {
        int start = 0;
        for (int column = 0; column <= columns.size(); column++) {
            int end = start;
            while (end < length && buffer[end] != ',') {
                end++;
            }
            if ((end == length) != (column == columns.size())) {
                throw unreadable("expected " + (columns.size() + 1) + " columns, found "
                        + (end == length ? "fewer" : "more"));
            }
            String cell = text(start, end);
            if (column == columns.size()) {
                labels[row] = label(cell);
            } else {
                features[row * columns.size() + column] = number(cell, columns.get(column));
            }
            start = end + 1;
        }
    }

    private float number(String cell, String column) throws RefusedException {
        if (cell.isEmpty()) {
            return Float.NaN;
        }
        if (!NUMBER.matcher(cell).matches()) {
            throw unreadable("column \"" + column + "\": expected a decimal number");
        }
        float value = Float.parseFloat(cell);
        if (Float.isInfinite(value)) {
            throw unreadable("column \"" + column + "\": the number is beyond the range of single precision");
        }
        return value;
    }

    private float label(String cell) throws RefusedException {
        return switch (cell) {
            case "0" -> 0;
            case "1" -> 1;
            default -> throw unreadable("column \"" + label + "\": expected 0 or 1");
        };
    }

    /** Reads a line into the buffer and returns its length without the line end, or -1 at the end of the file. */
    private int line() throws RefusedException, IOException {
        line++;
        int length = 0;
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\r') {
                b = in.read();
                if (b != '\n') {
                    throw unreadable("found a carriage return inside a line");
                }
            }
            if (b == '\n') {
                return length;
            }
            if (b < ' ' || b > '~') {
                throw unreadable("expected printable ASCII");
            }
            if (length == buffer.length) {
                throw unreadable("longer than " + buffer.length + " bytes");
            }
            buffer[length++] = (byte) b;
        }
        return length == 0 ? -1 : length;
    }

    private void reserve(int rows) {
        if (labels.length < rows) {
            int room = Math.min(Math.max(64, rows * 2), MAX_ROWS);
            labels = Arrays.copyOf(labels, room);
            features = Arrays.copyOf(features, (int) Math.min((long) room * columns.size(), MAX_CELLS));
        }
    }

    private String text(int from, int to) {
        return new String(buffer, from, to - from, StandardCharsets.US_ASCII);
    }

    private RefusedException unreadable(String problem) {
        return RefusedException.of(Reason.INPUT_UNREADABLE, "line " + line + ": " + problem);
    }
}
