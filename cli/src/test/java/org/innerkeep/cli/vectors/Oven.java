package org.innerkeep.cli.vectors;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** An interface with every type that can be carried. Its name and those of its types are in the vectors. */
interface Oven {
    Everything same(Everything value);

    void nothing();

    /** Throws one or the other. */
    String fail(int which) throws ColdException, FullException;

    enum Colour {
        RED,
        GREEN
    }

    sealed interface Shape permits Circle, Square, Nested {}

    sealed interface Nested extends Shape permits Empty {}

    record Circle(double radius) implements Shape {}

    record Square(int side, Optional<Colour> colour) implements Shape {}

    record Empty() implements Nested {}

    record Numbers(
            boolean flag, byte int8, short int16, int int32, long int64, char unit, float float32, double float64,
            BigInteger big, BigDecimal decimal) {}

    record Times(Instant at, Duration lasting, LocalDate on, LocalTime daily, LocalDateTime local) {}

    record Collections(
            List<Shape> list, Set<Long> set, Map<String, List<Integer>> map, Map<Colour, Boolean> byColour, Optional<Instant> maybe) {}

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Everything(String text, byte[] bytes, UUID id, Numbers numbers, Times times, Collections collections) {}

    record Why(String why, int degrees) {}

    final class ColdException extends Exception {
        private static final long serialVersionUID = 1L;

        public ColdException() {
            super("cold");
        }
    }

    final class FullException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Why detail;

        public FullException(Why detail) {
            super("full");
            this.detail = detail;
        }

        public Why detail() {
            return detail;
        }
    }
}
