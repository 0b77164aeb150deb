package org.innerkeep.channel.call;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Types that use everything that can be carried. */
final class Samples {
    private Samples() {}

    enum Colour {
        RED,
        GREEN {
            @Override
            boolean warm() {
                return false;
            }
        };

        boolean warm() {
            return true;
        }
    }

    sealed interface Tree permits Leaf, Branch {}

    record Leaf(int value) implements Tree {}

    record Branch(List<Tree> children, Optional<Tree> mark) implements Tree {}

    record Empty() {}

    record Numbers(
            boolean flag,
            Boolean flagBox,
            byte int8,
            Byte int8Box,
            short int16,
            Short int16Box,
            int int32,
            Integer int32Box,
            long int64,
            Long int64Box,
            char unit,
            Character unitBox,
            float float32,
            Float float32Box,
            double float64,
            Double float64Box,
            BigInteger big,
            BigDecimal decimal) {}

    record Times(Instant at, Duration lasting, LocalDate on, LocalTime daily, LocalDateTime local) {}

    /** Copies its collections, as a careful record does, into sets and maps whose order differs from run to run. */
    record Rich(
            String text,
            Blob blob,
            UUID id,
            Colour colour,
            Numbers numbers,
            Times times,
            Tree tree,
            Empty empty,
            List<String> list,
            Set<Long> set,
            Map<String, List<Leaf>> map,
            Map<Colour, Set<Colour>> byColour,
            Optional<Instant> maybe) {
        Rich {
            list = List.copyOf(list);
            set = Set.copyOf(set);
            map = Map.copyOf(map);
            byColour = Map.copyOf(byColour);
        }
    }

    /** Clones its array both ways and compares it by content. */
    @SuppressWarnings("ArrayRecordComponent")
    record Blob(byte[] bytes) {
        Blob {
            bytes = bytes.clone();
        }

        @Override
        public byte[] bytes() {
            return bytes.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Blob that && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "Blob of " + bytes.length;
        }
    }

    static Rich rich(String text, long number, double real) {
        Instant at = Instant.ofEpochSecond(number % 1_000_000_000_000L, Math.floorMod(number, 1_000_000_000));
        return new Rich(
                text,
                new Blob(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                new UUID(number, ~number),
                number % 2 == 0 ? Colour.RED : Colour.GREEN,
                new Numbers(
                        number > 0,
                        number < 0,
                        (byte) number,
                        (byte) ~number,
                        (short) number,
                        (short) ~number,
                        (int) number,
                        (int) ~number,
                        number,
                        ~number,
                        (char) number,
                        (char) ~number,
                        (float) real,
                        -(float) real,
                        real,
                        -real,
                        BigInteger.valueOf(number).pow(3),
                        BigDecimal.valueOf(number, (int) (number % 9999))),
                new Times(
                        at,
                        Duration.ofSeconds(number, 999_999_999),
                        LocalDate.ofEpochDay(number % 365_000_000_000L),
                        LocalTime.ofNanoOfDay(Math.floorMod(number, 86_400_000_000_000L)),
                        LocalDateTime.of(LocalDate.ofEpochDay(number % 365_000_000_000L), LocalTime.NOON)),
                new Branch(List.of(new Leaf(1), new Branch(List.of(), Optional.of(new Leaf((int) number)))), Optional.empty()),
                new Empty(),
                List.of(text, "", text + text),
                Set.of(number, ~number, 5L == number || 5L == ~number ? 6L : 5L),
                Map.of("a", List.of(new Leaf(1), new Leaf(2)), "b" + text, List.of(), "", List.of(new Leaf(-1))),
                Map.of(Colour.RED, Set.of(Colour.GREEN, Colour.RED), Colour.GREEN, Set.of()),
                number % 3 == 0 ? Optional.empty() : Optional.of(at));
    }
}
