package org.innerkeep.attestation.store;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * What one transaction changed: the statements that change something, with their values, in their order. The same statements on
 * the same database change the same, as none of this program's depends on the time, on chance or on an order that it does not
 * name; and how many rows each changed is recorded and compared.
 *
 * <p>Encoded: CBOR {@code [profile, [[statement, [value, …], rows], …]]}; a value is an integer, text, bytes or nil.
 *
 * <p>What {@link #parse} would not take is not made: a change that is kept and cannot be read again would end the store.
 *
 * @param steps the statements
 */
record RecordedChange(List<Step> steps) {
    /** A database is told of schemas without how many rows they change. */
    static final long NOT_COUNTED = -1;

    /** Changes nothing. */
    static final RecordedChange NOTHING = new RecordedChange(List.of());

    private static final String PROFILE = "tag:innerkeep.org,2026:store-change/1";
    private static final int MAX_STEPS = 1 << 20;
    private static final int MAX_VALUES = 32;
    private static final int MAX_STATEMENT = 1 << 16;
    private static final int MAX_VALUE = 64 << 20;

    /** A value of a statement. */
    sealed interface Value {
        /** NULL. */
        record Nothing() implements Value {}

        /** INTEGER. */
        record Whole(long number) implements Value {}

        /** TEXT. */
        record Text(String text) implements Value {}

        /** BLOB; belongs to this record alone. */
        @SuppressWarnings("ArrayRecordComponent")
        record Blob(byte[] bytes) implements Value {}
    }

    /**
     * A statement that changes something.
     *
     * @param statement its text
     * @param values one for each question mark
     * @param rows how many it changed, or {@link #NOT_COUNTED}
     */
    record Step(String statement, List<Value> values, long rows) {
        Step {
            values = List.copyOf(values);
            if (values.size() > MAX_VALUES || rows < NOT_COUNTED) {
                throw new IllegalArgumentException("a statement has " + values.size() + " values and changed " + rows
                        + " rows; expected at most " + MAX_VALUES + " values: " + statement);
            }
            requireText("a statement", statement, MAX_STATEMENT);
            for (Value value : values) {
                switch (value) {
                    case Value.Text(String text) -> requireText("a value", text, MAX_VALUE);
                    case Value.Blob(byte[] bytes) -> requireAtMost("a value", bytes.length, MAX_VALUE);
                    case Value.Nothing(), Value.Whole(_) -> { }
                }
            }
        }

        private static void requireText(String what, String text, int most) {
            // Each char is one to three bytes of UTF-8; only what may be too long is counted.
            requireAtMost(what, text.length() <= most / 3 ? text.length() : text.getBytes(StandardCharsets.UTF_8).length, most);
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
                throw new IllegalArgumentException(what + " of a change has half of a character");
            }
        }

        private static void requireAtMost(String what, long found, long most) {
            if (found > most) {
                throw new IllegalArgumentException(what + " of a change has " + found + " bytes; expected at most " + most);
            }
        }
    }

    /**
     * Checks what can be read again.
     *
     * @throws IllegalArgumentException if it is too much
     */
    RecordedChange {
        steps = List.copyOf(steps);
        if (steps.size() > MAX_STEPS) {
            throw new IllegalArgumentException("a change has " + steps.size() + " statements; expected at most " + MAX_STEPS);
        }
    }

    boolean isEmpty() {
        return steps.isEmpty();
    }

    byte[] encode() {
        CborWriter writer = new CborWriter().array(2).text(PROFILE).array(steps.size());
        for (Step step : steps) {
            writer.array(3).text(step.statement()).array(step.values().size());
            for (Value value : step.values()) {
                switch (value) {
                    case Value.Nothing() -> writer.nil();
                    case Value.Whole(long number) -> writer.integer(number);
                    case Value.Text(String text) -> writer.text(text);
                    case Value.Blob(byte[] bytes) -> writer.bytes(bytes);
                }
            }
            writer.integer(step.rows());
        }
        return writer.toByteArray();
    }

    static RecordedChange parse(byte[] encoded) throws MalformedException {
        CborReader reader = new CborReader(encoded);
        reader.arrayOf("change", 2);
        int start = reader.offset();
        if (!reader.text("profile", PROFILE.length()).equals(PROFILE)) {
            throw new MalformedException("profile", start, "expected " + PROFILE);
        }
        int count = reader.array("steps", 0, MAX_STEPS);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            reader.arrayOf("step", 3);
            String statement = reader.text("statement", MAX_STATEMENT);
            int values = reader.array("values", 0, MAX_VALUES);
            List<Value> read = new ArrayList<>(values);
            for (int j = 0; j < values; j++) {
                read.add(value(reader));
            }
            steps.add(new Step(statement, read, reader.integer("rows", NOT_COUNTED, Long.MAX_VALUE)));
        }
        reader.end("change");
        return new RecordedChange(steps);
    }

    private static Value value(CborReader reader) throws MalformedException {
        return switch (reader.peek()) {
            case INTEGER -> new Value.Whole(reader.integer("value"));
            case BYTES -> new Value.Blob(reader.bytes("value", 0, MAX_VALUE));
            case TEXT -> new Value.Text(reader.text("value", MAX_VALUE));
            default -> {
                reader.nil("value");
                yield new Value.Nothing();
            }
        };
    }

    /** Makes the change again, within a transaction of the caller's. */
    void make(Connection connection) throws SQLException {
        for (Step step : steps) {
            try (PreparedStatement statement = connection.prepareStatement(step.statement())) {
                for (int i = 0; i < step.values().size(); i++) {
                    set(statement, i + 1, step.values().get(i));
                }
                long rows = statement.executeUpdate();
                if (step.rows() != NOT_COUNTED && rows != step.rows()) {
                    throw new SQLException("a recorded statement changed " + step.rows() + " rows when it was recorded, and "
                            + rows
                            + " now: " + step.statement());
                }
            }
        }
    }

    private static void set(PreparedStatement statement, int index, Value value) throws SQLException {
        switch (value) {
            case Value.Nothing() -> statement.setNull(index, Types.NULL);
            case Value.Whole(long number) -> statement.setLong(index, number);
            case Value.Text(String text) -> statement.setString(index, text);
            case Value.Blob(byte[] bytes) -> statement.setBytes(index, bytes);
        }
    }
}
