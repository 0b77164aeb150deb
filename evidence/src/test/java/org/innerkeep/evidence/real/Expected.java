package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.internal.JsonValue;

/** What a vector says must be found. It knows what of it was looked at: a test that leaves something out fails. */
final class Expected {
    private final String path;
    private final JsonValue.Obj object;
    private final TreeSet<String> left;
    private final Map<String, Expected> inner = new LinkedHashMap<>();

    Expected(String path, JsonValue.Obj object) {
        this.path = path;
        this.object = object;
        this.left = new TreeSet<>(object.fields().keySet());
    }

    /** The fields that nothing has looked at yet. */
    List<String> left() {
        return List.copyOf(left);
    }

    boolean has(String name) {
        return object.fields().containsKey(name);
    }

    /** A field of any type; null counts as absent. */
    Optional<JsonValue> take(String name) {
        left.remove(name);
        return object.find(name).filter(value -> !(value instanceof JsonValue.Nil));
    }

    Optional<Expected> object(String name) {
        return take(name).map(value -> inner.computeIfAbsent(name, key -> new Expected(path + "." + key, (JsonValue.Obj) value)));
    }

    Optional<String> text(String name) {
        return take(name).map(value -> ((JsonValue.Text) value).value());
    }

    Optional<Boolean> flag(String name) {
        return take(name).map(value -> ((JsonValue.Flag) value).value());
    }

    Optional<Long> number(String name) {
        return take(name).map(value -> ((JsonValue.Num) value).value().longValueExact());
    }

    List<String> texts(String name) {
        List<String> found = new ArrayList<>();
        take(name).ifPresent(value -> ((JsonValue.Arr) value).items().forEach(each -> found.add(((JsonValue.Text) each).value())));
        return found;
    }

    /** Objects in an array. */
    List<Expected> objects(String name) {
        List<Expected> found = new ArrayList<>();
        take(name).ifPresent(value -> {
            List<JsonValue> items = ((JsonValue.Arr) value).items();
            for (int i = 0; i < items.size(); i++) {
                JsonValue.Obj each = (JsonValue.Obj) items.get(i);
                String at = name + "[" + i + "]";
                found.add(inner.computeIfAbsent(at, key -> new Expected(path + "." + key, each)));
            }
        });
        return found;
    }

    /** Compares a byte string, which vectors state in hexadecimal. */
    void bytes(String name, Bytes found) {
        text(name).ifPresent(wanted -> assertThat(found.hex()).as("%s.%s", path, name).isEqualTo(wanted));
    }

    /** Compares a number. */
    void number(String name, long found) {
        number(name).ifPresent(wanted -> assertThat(found).as("%s.%s", path, name).isEqualTo(wanted.longValue()));
    }

    /** Compares text. */
    void text(String name, String found) {
        text(name).ifPresent(wanted -> assertThat(found).as("%s.%s", path, name).isEqualTo(wanted));
    }

    /** Compares a flag. */
    void flag(String name, boolean found) {
        flag(name).ifPresent(wanted -> assertThat(found).as("%s.%s", path, name).isEqualTo(wanted.booleanValue()));
    }

    /** Compares a time, which vectors state in ISO 8601. */
    void time(String name, Instant found) {
        text(name).ifPresent(wanted -> assertThat(found).as("%s.%s", path, name).isEqualTo(Instant.parse(wanted)));
    }

    /** Says that a field needs no comparison, and why. */
    void known(String name, String why) {
        assertThat(why).isNotBlank();
        left.remove(name);
    }

    /** Fails if something was not looked at. */
    void assertAllTaken() {
        assertThat(left).as("fields of %s that no test compares", path).isEmpty();
        inner.values().forEach(Expected::assertAllTaken);
    }
}
