package org.innerkeep.channel.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ServiceSchemaTest {
    interface FraudScoring {
        Score score(Payment payment);
    }

    record Payment(String pan, long amountCents, Date at) {}

    record Score(double risk, String reason) {}

    enum Size {
        SMALL,
        LARGE
    }

    record Order(String item, Size size, List<Order> parts) {}

    sealed interface Outcome permits Done, Refused {}

    record Done(Instant at) implements Outcome {}

    record Refused(String why) implements Outcome {}

    record Why(String why) {}

    static final class OutOfStockException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Why detail;

        public OutOfStockException(Why detail) {
            super("out of stock: " + detail.why());
            this.detail = detail;
        }

        public Why detail() {
            return detail;
        }
    }

    static final class ClosedException extends Exception {
        private static final long serialVersionUID = 1L;

        public ClosedException() {
            super("closed");
        }
    }

    interface Counting {
        int count(Set<String> of);
    }

    interface Shop extends Counting {
        Outcome buy(Order order, int number) throws OutOfStockException, ClosedException;

        void close();

        @Override
        String toString();

        static int version() {
            return 1;
        }
    }

    @Test
    void textSaysAllThatCrosses() {
        assertThat(ServiceSchema.of(Shop.class).text())
                .isEqualTo(
                        """
                        innerkeep interface 1
                        interface P$Shop
                        method buy(P$Order, int32): P$Outcome throws P$ClosedException(), P$OutOfStockException(P$Why)
                        method close(): void
                        method count(set<text>): int32
                        record P$Done(at: instant)
                        record P$Order(item: text, size: P$Size, parts: list<P$Order>)
                        sealed P$Outcome: P$Done, P$Refused
                        record P$Refused(why: text)
                        enum P$Size: SMALL, LARGE
                        record P$Why(why: text)
                        """
                                .replace("P$", "org.innerkeep.channel.call.ServiceSchemaTest$"));
    }

    @Test
    void digestIsOfTheText() {
        ServiceSchema<Shop> schema = ServiceSchema.of(Shop.class);
        assertThat(schema.digest())
                .isEqualTo(org.innerkeep.evidence.Bytes.sha256(schema.text().getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .isEqualTo(ServiceSchema.of(Shop.class).digest())
                .isNotEqualTo(ServiceSchema.of(Counting.class).digest());
    }

    interface A {
        void put(String text);
    }

    interface B {
        void put(String text);
    }

    interface Both extends A, B {}

    @Test
    void methodInheritedTwiceIsOne() {
        assertThat(ServiceSchema.of(Both.class).operations()).hasSize(1);
    }

    // What is refused, one interface for each rule.

    interface Overloaded {
        void put(String text);

        void put(int number);
    }

    interface Defaulted {
        default int one() {
            return 1;
        }
    }

    interface GenericMethod {
        <T> void put(T value);
    }

    interface Inherited<T> {
        void put(T value);
    }

    interface ArrayOf {
        int[] get();
    }

    interface Raw {
        @SuppressWarnings("rawtypes")
        void put(List list);
    }

    interface Wild {
        void put(List<? extends Score> list);
    }

    interface Concrete {
        @SuppressWarnings("NonApiType")
        void put(ArrayList<String> list);
    }

    record Pair<X>(X left, X right) {}

    interface GenericRecord {
        void put(Pair<String> pair);
    }

    interface Zoned {
        void put(Map<String, Optional<ZonedDateTime>> times);
    }

    interface DoubleKey {
        void put(Map<Double, String> map);
    }

    interface RecordSet {
        void put(Set<Score> set);
    }

    interface OptionalTwice {
        void put(Optional<Optional<String>> value);
    }

    interface OptionalNumber {
        OptionalInt get();
    }

    interface Anything {
        Object get();
    }

    interface Streaming {
        void put(List<InputStream> in);
    }

    interface Open {}

    interface OpenInterface {
        void put(Open open);
    }

    sealed interface Loose permits Tight, LooseClass {}

    record Tight() implements Loose {}

    static final class LooseClass implements Loose {}

    interface SealedWithClass {
        void put(Loose loose);
    }

    sealed interface Twins permits Left.Twin, Right.Twin {}

    static final class Left {
        record Twin() implements Twins {}
    }

    static final class Right {
        record Twin() implements Twins {}
    }

    interface SameNames {
        void put(Twins twins);
    }

    interface ThrowsIo {
        void put() throws IOException;
    }

    interface ThrowsUnchecked {
        void put() throws IllegalStateException;
    }

    static final class TextException extends Exception {
        private static final long serialVersionUID = 1L;

        public TextException(String message) {
            super(message);
        }
    }

    interface ThrowsText {
        void put() throws TextException;
    }

    static final class NoDetailException extends Exception {
        private static final long serialVersionUID = 1L;

        public NoDetailException(Why why) {
            super(why.why());
        }
    }

    interface ThrowsNoDetail {
        void put() throws NoDetailException;
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(
                        FraudScoring.class,
                        "FraudScoring.score(payment).at: java.util.Date cannot be carried; use java.time.Instant"),
                Arguments.of(String.class, "String: is not a plain interface; offer and bind interfaces"),
                Arguments.of(Twins.class, "Twins: is not a plain interface; offer and bind interfaces"),
                Arguments.of(Overloaded.class, "Overloaded.put: is overloaded; give each method its own name"),
                Arguments.of(Defaulted.class, "Defaulted.one: is a default method; make it abstract or move it out"),
                Arguments.of(GenericMethod.class, "GenericMethod.put: has type parameters; name the types themselves"),
                Arguments.of(
                        Inherited.class,
                        "Inherited.put(value): T cannot be carried; name the type itself, without variables or wildcards"),
                Arguments.of(ArrayOf.class, "ArrayOf.get(return): int[] cannot be carried; use byte[] or java.util.List"),
                Arguments.of(
                        Raw.class, "Raw.put(list): java.util.List cannot be carried; say what it holds, as in List<String>"),
                Arguments.of(
                        Wild.class,
                        "Wild.put(list)[]: ? extends P$Score cannot be carried; name the"
                                + " type itself, without variables or wildcards"),
                Arguments.of(Concrete.class, "Concrete.put(list): java.util.ArrayList cannot be carried; use java.util.List"),
                Arguments.of(
                        GenericRecord.class,
                        "GenericRecord.put(pair): P$Pair<java.lang.String> cannot be"
                                + " carried; use a record without type parameters"),
                Arguments.of(
                        Zoned.class,
                        "Zoned.put(times)[value][]: java.time.ZonedDateTime cannot be carried; use java.time.Instant"),
                Arguments.of(
                        DoubleKey.class,
                        "DoubleKey.put(map)[key]: java.lang.Double cannot be a map key or a set element; use text, a whole number,"
                                + " an enum, a UUID, an Instant or a Duration, or a List in place of the Set"),
                Arguments.of(
                        RecordSet.class,
                        "RecordSet.put(set)[]: P$Score cannot be a map key or a set"
                                + " element; use text, a whole number, an enum, a UUID, an Instant or a Duration, or a List in place"
                                + " of the Set"),
                Arguments.of(
                        OptionalTwice.class,
                        "OptionalTwice.put(value): an Optional of an Optional cannot be carried; use one of them"),
                Arguments.of(
                        OptionalNumber.class,
                        "OptionalNumber.get(return): java.util.OptionalInt cannot be carried; use java.util.Optional"),
                Arguments.of(Anything.class, "Anything.get(return): java.lang.Object cannot be carried; use a record"),
                Arguments.of(
                        Streaming.class,
                        "Streaming.put(in)[]: java.io.InputStream cannot be carried; a stream is a whole parameter or a whole"
                                + " result, not a part of one; use byte[] here"),
                Arguments.of(
                        OpenInterface.class,
                        "OpenInterface.put(open): P$Open cannot be carried; seal it and"
                                + " permit only records"),
                Arguments.of(
                        SealedWithClass.class,
                        "SealedWithClass.put(loose): P$Loose permits"
                                + " P$LooseClass, which is not a record; permit only"
                                + " records"),
                Arguments.of(
                        SameNames.class,
                        "SameNames.put(twins): P$Twins permits two records named Twin;"
                                + " rename one of them"),
                Arguments.of(
                        ThrowsIo.class,
                        "ThrowsIo.put(throws IOException): java.io.IOException is not final; declare a final exception class"),
                Arguments.of(
                        ThrowsUnchecked.class,
                        "ThrowsUnchecked.put(throws IllegalStateException): java.lang.IllegalStateException is unchecked and never"
                                + " crosses; declare a checked exception or leave it out"),
                Arguments.of(
                        ThrowsText.class,
                        "ThrowsText.put(throws TextException): P$TextException needs a"
                                + " constructor that takes a record, not java.lang.String"),
                Arguments.of(
                        ThrowsNoDetail.class,
                        "ThrowsNoDetail.put(throws NoDetailException):"
                                + " P$NoDetailException needs a public method detail()"
                                + " that returns P$Why"),
                Arguments.of(
                        Leaking.class,
                        "Leaking.show(cards)[].number: P$CardNumber is marked"
                                + " @Confidential; it must not be in an interface marked @HostVisible"),
                Arguments.of(
                        LeakingThrough.class,
                        "LeakingThrough.key(return): P$RawKey is marked @Confidential"
                                + " through P$Key; it must not be in an interface marked"
                                + " @HostVisible"));
    }

    @Confidential
    record CardNumber(String digits) {}

    record Card(String holder, CardNumber number) {}

    @HostVisible
    interface Leaking {
        void show(List<Card> cards);
    }

    interface ForClients {
        void show(List<Card> cards);
    }

    @Confidential
    sealed interface Key permits RawKey {}

    @SuppressWarnings("ArrayRecordComponent")
    record RawKey(byte[] bytes) implements Key {}

    @HostVisible
    interface LeakingThrough {
        RawKey key();
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesWithPathAndRemedy(Class<?> type, String message) {
        assertThatExceptionOfType(UncarriableTypeException.class)
                .isThrownBy(() -> ServiceSchema.of(type))
                .withMessage(message.replace("P$", "org.innerkeep.channel.call.ServiceSchemaTest$"));
    }

    @Test
    void confidentialTypesMayGoToClients() {
        assertThat(ServiceSchema.of(ForClients.class).text()).contains("record");
    }

    @Test
    void hostVisibilityIsPartOfTheSchema() {
        assertThat(ServiceSchema.of(Visible.class).text()).contains("\nhost interface ");
        assertThat(ServiceSchema.of(Visible.class).hostVisible()).isTrue();
    }

    @HostVisible
    interface Visible {
        void ping();
    }
}
