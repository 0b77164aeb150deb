package org.innerkeep.testing.hostile;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A move at a point. The point is counted in events, never in time, so that a step means the same in every run.
 *
 * @param move what is done
 * @param place where
 * @param connection which connection, for places counted in each; otherwise 0
 * @param number at which event, 1 or more
 * @param choice what a move that has a choice takes: which bit, how many events, which earlier value; 0 or more, taken modulo
 *     what there is
 */
public record Step(Move move, Place place, int connection, int number, int choice) {
    private static final Pattern TEXT =
            Pattern.compile("([a-z-]+) at ([a-z ]+?) (\\d+)(?: of connection (\\d+))?(?: choosing (\\d+))?");

    /** Checks that the move can be done there and the numbers are in range. */
    public Step {
        if (!move.places().contains(place)) {
            throw new IllegalArgumentException(move.id() + " is done at " + move.places() + ", not at " + place);
        }
        if (number < 1 || choice < 0 || (place.inConnection() ? connection < 1 : connection != 0)) {
            throw new IllegalArgumentException("there is no such point: " + place + " " + connection + "." + number + " choosing " + choice);
        }
    }

    /**
     * A step at a record.
     *
     * @param move what is done
     * @param place {@link Place#RECORD_IN} or {@link Place#RECORD_OUT}
     * @param connection of which connection, from 1
     * @param number at which record, from 1
     * @return the step, choosing 0
     */
    public static Step at(Move move, Place place, int connection, int number) {
        return new Step(move, place, connection, number, 0);
    }

    /**
     * A step at a place that is not counted in each connection.
     *
     * @param move what is done
     * @param number at which event, from 1
     * @return the step, at the first place where the move can be done that is counted so, choosing 0
     */
    public static Step at(Move move, int number) {
        Place place = move.places().stream()
                .filter(each -> !each.inConnection())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(move.id() + " needs a connection and a record"));
        return new Step(move, place, 0, number, 0);
    }

    /**
     * The same step with another choice.
     *
     * @param other 0 or more
     * @return a changed copy
     */
    public Step choosing(int other) {
        return new Step(move, place, connection, number, other);
    }

    /** {@return its text, such as {@code flip-record-bit at record 3 of connection 2 choosing 17}} */
    @Override
    public String toString() {
        return move.id() + " at " + place.text() + " " + number
                + (place.inConnection() ? " of connection " + connection : "")
                + (choice > 0 ? " choosing " + choice : "");
    }

    /**
     * Reads the text of a step.
     *
     * @param text as {@link #toString} gives it
     * @return the step
     * @throws IllegalArgumentException if it is none
     */
    public static Step parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no step; one looks like"
                    + " 'flip-record-bit at record 3 of connection 2 choosing 17'");
        }
        Move move = Move.of(matcher.group(1));
        for (Place place : Place.values()) {
            if (place.text().equals(matcher.group(2))) {
                return new Step(
                        move, place, number(matcher.group(4)), number(matcher.group(3)), number(matcher.group(5)));
            }
        }
        throw new IllegalArgumentException("there is no place '" + matcher.group(2) + "'");
    }

    private static int number(@org.jspecify.annotations.Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }
}
