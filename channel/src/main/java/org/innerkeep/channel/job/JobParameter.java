package org.innerkeep.channel.job;

import java.math.BigDecimal;

/** The value of a parameter. What it means is up to the code that the job names. */
public sealed interface JobParameter {
    /**
     * A number, exactly as written, within the range of double precision.
     *
     * @param value the number; 0.5 and 0.50 differ
     */
    record Decimal(BigDecimal value) implements JobParameter {
        @Override
        public String toString() {
            return value.toString();
        }
    }

    /**
     * A text.
     *
     * @param value at most 256 printable ASCII characters
     */
    record Text(String value) implements JobParameter {
        /** Checks length and characters. */
        public Text {
            Words.printable(value);
        }

        @Override
        public String toString() {
            return '"' + value + '"';
        }
    }

    /**
     * A number.
     *
     * @param value the number, such as {@code "0.1"}
     * @return the parameter
     * @throws NumberFormatException if the text is no decimal number
     */
    static JobParameter number(String value) {
        return new Decimal(new BigDecimal(value));
    }
}
