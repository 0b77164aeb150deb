package org.innerkeep.attestation.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.MalformedException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads JSON (RFC 8259) from outside and writes JSON of the service's own. A name may come once in an object, nothing may follow the
 * value, nesting is at most {@value #MAX_DEPTH}, and numbers keep every digit.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class StrictJson {
    /** The deepest nesting of arrays and objects. */
    public static final int MAX_DEPTH = 32;

    private static final int MAX_NUMBER_CHARACTERS = 64;
    private static final int MAX_NAME_CHARACTERS = 4096;

    private final int maxBytes;
    private final JsonMapper mapper;

    private StrictJson(int maxBytes) {
        this.maxBytes = maxBytes;
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxNumberLength(MAX_NUMBER_CHARACTERS)
                        .maxNameLength(MAX_NAME_CHARACTERS)
                        .maxStringLength(maxBytes)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                // A message must never hold a piece of what was sent.
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .build();
        this.mapper = JsonMapper.builder(factory)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
                .build();
    }

    /**
     * A reader of documents up to a size.
     *
     * @param maxBytes the most bytes of a document
     * @return the reader
     */
    public static StrictJson upTo(int maxBytes) {
        return new StrictJson(maxBytes);
    }

    /**
     * Reads a document that must be an object.
     *
     * @param what what it is, for messages
     * @param bytes hostile bytes, UTF-8 without a byte order mark
     * @return the object
     * @throws MalformedException if it is anything else
     */
    public ObjectNode object(String what, byte[] bytes) throws MalformedException {
        if (read(what, bytes) instanceof ObjectNode object) {
            return object;
        }
        throw new MalformedException(what, 0, "expected a JSON object");
    }

    /**
     * Reads a document.
     *
     * @param what what it is, for messages
     * @param bytes hostile bytes, UTF-8 without a byte order mark
     * @return its value
     * @throws MalformedException if it is too large or no JSON
     */
    public JsonNode read(String what, byte[] bytes) throws MalformedException {
        if (bytes.length > maxBytes) {
            throw new MalformedException(what, -1, "expected at most " + maxBytes + " bytes, found " + bytes.length);
        }
        String text = utf8(what, bytes);
        try {
            JsonNode node = mapper.readTree(text);
            if (node == null || node.isMissingNode()) {
                throw new MalformedException(what, 0, "expected JSON, found nothing");
            }
            if (text.contains("\\u") && !wellFormed(node)) {
                throw new MalformedException(what, -1, "expected text, found half of a surrogate pair");
            }
            return node;
        } catch (JacksonException e) {
            var at = e.getLocation();
            throw new MalformedException(
                    what,
                    at == null ? -1 : at.getCharOffset(),
                    "expected JSON with every name once, nested at most " + MAX_DEPTH + " deep");
        }
    }

    /** An escape can say half of a pair, which no encoding of text can write again. */
    private static boolean wellFormed(JsonNode node) {
        if (node.isString()) {
            return wellFormed(node.stringValue());
        }
        for (String name : node.propertyNames()) {
            if (!wellFormed(name)) {
                return false;
            }
        }
        for (JsonNode each : node.values()) {
            if (!wellFormed(each)) {
                return false;
            }
        }
        return true;
    }

    private static boolean wellFormed(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /**
     * Decodes UTF-8 that must have no fault.
     *
     * @param what what it is, for messages
     * @param bytes hostile bytes
     * @return the text
     * @throws MalformedException if they are no UTF-8
     */
    public static String utf8(String what, byte[] bytes) throws MalformedException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException(what, -1, "expected UTF-8");
        }
    }

    /**
     * Writes a value.
     *
     * @param value the value
     * @return UTF-8 without spaces
     */
    public byte[] write(JsonNode value) {
        return mapper.writeValueAsBytes(value);
    }

    /**
     * Writes maps, lists, text, numbers, booleans and nodes.
     *
     * @param value by name, in their order
     * @return UTF-8 without spaces
     */
    public byte[] write(Map<String, ?> value) {
        return mapper.writeValueAsBytes(value);
    }

    /** {@return a new empty object} */
    public ObjectNode newObject() {
        return mapper.createObjectNode();
    }

    /**
     * A field that is text.
     *
     * @param object the object
     * @param name its name
     * @return the text, or nothing where the field is absent or null
     * @throws MalformedException if it is anything else
     */
    public static Optional<String> text(JsonNode object, String name) throws MalformedException {
        JsonNode value = object.get(name);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isString()) {
            throw new MalformedException(name, -1, "expected text");
        }
        return Optional.of(value.stringValue());
    }

    /**
     * Refuses fields of other names.
     *
     * @param what what the object is, for messages
     * @param object the object
     * @param known the names
     * @throws MalformedException if there is another
     */
    public static void only(String what, ObjectNode object, List<String> known) throws MalformedException {
        for (String name : object.propertyNames()) {
            if (!known.contains(name)) {
                throw new MalformedException(what, -1, "expected fields among " + known + ", found another");
            }
        }
    }
}
