package org.innerkeep.channel.job;

import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.innerkeep.channel.internal.json.Json;
import org.innerkeep.channel.internal.json.JsonException;

/** Takes the fields of one JSON object by name and type, and refuses what is missing, of another type, or left over. */
final class JobFields {
    private final Json json;
    private final Json.Obj object;
    private final String path;
    private final Set<String> taken = new HashSet<>();

    private JobFields(Json json, Json.Value value, String path) throws JobException {
        if (!(value instanceof Json.Obj obj)) {
            throw refused(json, value.at(), (path.isEmpty() ? "the job" : path) + ": expected an object in braces");
        }
        this.json = json;
        this.object = obj;
        this.path = path;
    }

    /** The one object that a file must consist of. */
    static JobFields of(byte[] bytes) throws JobException {
        try {
            Json json = Json.decode(bytes);
            return new JobFields(json, json.read(), "");
        } catch (JsonException e) {
            throw new JobException(e);
        }
    }

    private static JobException refused(Json json, int at, String problem) {
        return new JobException(json.refuse(at, problem));
    }

    String text(String name) throws JobException {
        return text(required(name), path(name));
    }

    String text(Json.Value value, String where) throws JobException {
        if (value instanceof Json.Text text) {
            return text.value();
        }
        throw refused(json, value.at(), where + ": expected a string");
    }

    long integer(String name, long least, long most) throws JobException {
        Json.Value value = required(name);
        // The scale keeps 1e999 from growing into a thousand digits before it is compared.
        if (value instanceof Json.Decimal(int _, BigDecimal number)
                && number.scale() == 0
                && number.compareTo(BigDecimal.valueOf(least)) >= 0
                && number.compareTo(BigDecimal.valueOf(most)) <= 0) {
            return number.longValueExact();
        }
        throw refused(json, value.at(), path(name) + ": expected a whole number from " + least + " to " + most);
    }

    List<Json.Value> array(String name, int least, int most) throws JobException {
        return items(required(name), name, least, most);
    }

    List<Json.Value> arrayOrEmpty(String name, int most) throws JobException {
        Optional<Json.Value> value = optional(name);
        return value.isEmpty() ? List.of() : items(value.get(), name, 1, most);
    }

    JobFields object(String name) throws JobException {
        return new JobFields(json, required(name), path(name));
    }

    JobFields item(Json.Value value, String name) throws JobException {
        return new JobFields(json, value, path(name));
    }

    /** All fields, whatever their names: an object used as a map. */
    Map<String, Json.Value> all(int most) throws JobException {
        if (object.fields().size() > most) {
            throw refused(json, object.at(), path + ": found " + object.fields().size() + " fields, at most " + most);
        }
        taken.addAll(object.fields().keySet());
        return object.fields();
    }

    /** Makes a value whose constructor checks it, and gives a refusal its place in the file. */
    <T> T checked(int at, String where, Supplier<T> make) throws JobException {
        try {
            return make.get();
        } catch (IllegalArgumentException e) {
            throw refused(json, at, where + ": " + e.getMessage());
        }
    }

    Json.Value required(String name) throws JobException {
        Optional<Json.Value> value = optional(name);
        if (value.isEmpty()) {
            throw refused(json, object.at(), path(name) + " is missing");
        }
        return value.get();
    }

    JobException refuse(Json.Value value, String problem) {
        return refused(json, value.at(), problem);
    }

    /** Refuses fields that nobody took: a misspelt or newer field must never be agreed to without effect. */
    void end() throws JobException {
        for (Map.Entry<String, Json.Value> field : object.fields().entrySet()) {
            if (!taken.contains(field.getKey())) {
                throw refused(json, field.getValue().at(), "field " + Json.quote(path(field.getKey())) + " is unknown");
            }
        }
    }

    int at() {
        return object.at();
    }

    String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private Optional<Json.Value> optional(String name) {
        taken.add(name);
        return Optional.ofNullable(object.fields().get(name));
    }

    private List<Json.Value> items(Json.Value value, String name, int least, int most) throws JobException {
        if (!(value instanceof Json.Array array)) {
            throw refused(json, value.at(), path(name) + ": expected an array in brackets");
        }
        int size = array.items().size();
        if (size < least || size > most) {
            throw refused(json, value.at(), path(name) + ": expected " + least + " to " + most + " items, found " + size);
        }
        return array.items();
    }
}
