package org.innerkeep.vault.azure;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.vault.key.KeySettings;
import org.innerkeep.vault.key.ReleasePolicy;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the bodies of requests. A field that is not known is refused: left out silently it would be a promise not kept. */
final class KeyBodies {
    /** The most bytes of a body: a backup is the largest. */
    static final int MAX_BYTES = 4 << 20;

    private static final StrictJson JSON = StrictJson.upTo(MAX_BYTES);
    private static final String POLICY_TYPE = "application/json; charset=utf-8";
    private static final List<String> SETTINGS = List.of("key_ops", "attributes", "tags", "release_policy");
    private static final List<String> READ_ONLY =
            List.of("created", "updated", "recoveryLevel", "recoverableDays", "hsmPlatform", "attestation");
    private static final int MAX_RANDOM = 128;
    private static final int MAX_NONCE = 1024;
    private static final int MAX_TOKEN = 1 << 20;
    private static final long LAST_SECOND = 253_402_300_799L;

    private KeyBodies() {}

    /**
     * A key that is wanted.
     *
     * @param kty as it was named
     * @param type what that means
     * @param parameter its size or curve
     * @param wishes its settings
     */
    record Creation(String kty, WebKeyType type, String parameter, Wishes wishes) {}

    /**
     * A key that is brought along.
     *
     * @param kty as it was named
     * @param key the key, to be closed
     * @param wishes its settings
     */
    record Import(String kty, FreshKey key, Wishes wishes) implements AutoCloseable {
        @Override
        public void close() {
            key.close();
        }
    }

    /**
     * Settings as far as a request names them.
     *
     * @param operations what the key is for
     * @param enabled whether it may be used
     * @param notBefore from when on
     * @param expires until when
     * @param exportable whether it may be released
     * @param tags the owner's own
     * @param policy by what it is released
     */
    record Wishes(
            Optional<Set<String>> operations,
            Optional<Boolean> enabled,
            Optional<Instant> notBefore,
            Optional<Instant> expires,
            Optional<Boolean> exportable,
            Optional<Map<String, String>> tags,
            Optional<ReleasePolicy> policy) {

        /** The settings of a new version. */
        KeySettings fresh(WebKeyType type) {
            return new KeySettings(
                    enabled.orElse(true),
                    notBefore,
                    expires,
                    exportable.orElse(false),
                    operations.orElse(Set.copyOf(type.operations())),
                    tags.orElse(Map.of()),
                    policy);
        }

        /** The settings of a version after a change: what was not named stays. */
        KeySettings over(KeySettings old) {
            return new KeySettings(
                    enabled.orElse(old.enabled()),
                    notBefore.or(old::notBefore),
                    expires.or(old::expires),
                    exportable.orElse(old.exportable()),
                    operations.orElse(old.operations()),
                    tags.orElse(old.tags()),
                    policy.or(old::releasePolicy));
        }
    }

    /**
     * A release that is asked for.
     *
     * @param token about the environment
     * @param nonce the caller's, to be repeated in the answer
     * @param wrapping how the key is to be encrypted
     */
    record Release(String token, Optional<String> nonce, Wrapping wrapping) {}

    static Creation creation(Bytes body) throws MalformedException {
        ObjectNode object = object(body, List.of("kty", "key_size", "public_exponent", "crv"));
        String kty = required(object, "kty");
        WebKeyType type = type(kty);
        long exponent = integer(object, "public_exponent", 0, 1L << 32).orElse(0L);
        if (exponent != 0 && (type != WebKeyType.RSA || exponent != 65_537)) {
            throw new MalformedException("public_exponent", -1, "expected 65537, or none");
        }
        Optional<Long> size = integer(object, "key_size", 0, 1 << 20);
        Optional<String> curve = StrictJson.text(object, "crv");
        boolean curved = type == WebKeyType.EC || type == WebKeyType.OKP;
        if (curved ? size.isPresent() : curve.isPresent()) {
            throw new MalformedException(curved ? "key_size" : "crv", -1, "expected none for a key of type " + kty);
        }
        String parameter = switch (type) {
            case RSA -> size(size, KeyFields.RSA_BITS, KeyFields.RSA_BITS.getFirst());
            case OCT -> size(size, KeyFields.OCT_BITS, KeyFields.OCT_BITS.getLast());
            case EC -> one("crv", curve.orElse(KeyFields.CURVES.getFirst()), KeyFields.CURVES);
            case OKP -> one("crv", curve.orElse(KeyFields.X25519), List.of(KeyFields.X25519));
        };
        return new Creation(kty, type, parameter, wishes(object, Optional.of(type)));
    }

    static Import importing(Bytes body) throws MalformedException {
        ObjectNode object = object(body, List.of("key", "Hsm"));
        if (!(object.get("key") instanceof ObjectNode jwk)) {
            throw new MalformedException("key", -1, "expected a JSON Web Key");
        }
        StrictJson.only("key", jwk, List.of(
                "kid", "kty", "key_ops", "n", "e", "d", "dp", "dq", "qi", "p", "q", "k", "crv", "x", "y"));
        String named = StrictJson.text(jwk, "kty").orElseThrow(() -> new MalformedException("key.kty", -1, "expected the type of key"));
        WebKeyType type = type(named);
        boolean hardware = WebKeyType.hardware(named) || flag(object, "Hsm").orElse(false);
        Wishes wishes = wishes(object, Optional.of(type));
        if (wishes.operations().isEmpty()) {
            wishes = new Wishes(operations(jwk.get("key_ops"), Optional.of(type)), wishes.enabled(), wishes.notBefore(), wishes.expires(),
                    wishes.exportable(), wishes.tags(), wishes.policy());
        }
        return new Import(type.text(hardware), ImportedKey.read(type, jwk), wishes);
    }

    static Wishes update(Bytes body) throws MalformedException {
        return wishes(object(body, List.of()), Optional.empty());
    }

    static Release release(Bytes body) throws MalformedException {
        ObjectNode object = JSON.object("body", body.toArray());
        StrictJson.only("body", object, List.of("target", "nonce", "enc"));
        String token = required(object, "target");
        Optional<String> nonce = StrictJson.text(object, "nonce");
        if (token.length() > MAX_TOKEN || nonce.filter(each -> each.length() > MAX_NONCE).isPresent()) {
            throw new MalformedException("body", -1, "expected 'target' of at most " + MAX_TOKEN + " and 'nonce' of at most " + MAX_NONCE
                    + " characters");
        }
        Optional<String> name = StrictJson.text(object, "enc");
        Wrapping wrapping = name.isEmpty()
                ? Wrapping.CKM_RSA_AES_KEY_WRAP
                : Wrapping.of(name.get())
                        .orElseThrow(() -> new MalformedException("enc", -1, "expected one of " + List.of(Wrapping.values())));
        return new Release(token, nonce, wrapping);
    }

    static Bytes backup(Bytes body) throws MalformedException {
        ObjectNode object = JSON.object("body", body.toArray());
        StrictJson.only("body", object, List.of("value"));
        return Bytes.of(Base64Text.any("value", required(object, "value")));
    }

    static int random(Bytes body) throws MalformedException {
        ObjectNode object = JSON.object("body", body.toArray());
        StrictJson.only("body", object, List.of("count"));
        return integer(object, "count", 1, MAX_RANDOM)
                .orElseThrow(() -> new MalformedException("count", -1, "expected 1 to " + MAX_RANDOM))
                .intValue();
    }

    private static ObjectNode object(Bytes body, List<String> own) throws MalformedException {
        ObjectNode object = JSON.object("body", body.toArray());
        Set<String> known = new TreeSet<>(SETTINGS);
        known.addAll(own);
        StrictJson.only("body", object, List.copyOf(known));
        return object;
    }

    private static WebKeyType type(String kty) throws MalformedException {
        return WebKeyType.of(kty).orElseThrow(() ->
                new MalformedException("kty", -1, "expected RSA, EC, oct or OKP, with -HSM behind it or without"));
    }

    private static String size(Optional<Long> found, List<Integer> sizes, int usual) throws MalformedException {
        int size = found.filter(each -> each != 0).map(Long::intValue).orElse(usual);
        if (!sizes.contains(size)) {
            throw new MalformedException("key_size", -1, "expected one of " + sizes);
        }
        return String.valueOf(size);
    }

    private static String one(String name, String found, List<String> known) throws MalformedException {
        if (!known.contains(found)) {
            throw new MalformedException(name, -1, "expected one of " + known);
        }
        return found;
    }

    private static Wishes wishes(ObjectNode object, Optional<WebKeyType> type) throws MalformedException {
        JsonNode attributes = object.get("attributes");
        if (attributes == null || attributes.isNull()) {
            attributes = JSON.newObject();
        }
        if (!(attributes instanceof ObjectNode given)) {
            throw new MalformedException("attributes", -1, "expected a JSON object");
        }
        Set<String> known = new TreeSet<>(READ_ONLY);
        known.addAll(List.of("enabled", "nbf", "exp", "exportable"));
        StrictJson.only("attributes", given, List.copyOf(known));
        Optional<Instant> notBefore = integer(given, "nbf", 0, LAST_SECOND).map(Instant::ofEpochSecond);
        Optional<Instant> expires = integer(given, "exp", 0, LAST_SECOND).map(Instant::ofEpochSecond);
        if (notBefore.isPresent() && expires.isPresent() && !notBefore.get().isBefore(expires.get())) {
            throw new MalformedException("attributes.exp", -1, "expected a time after 'nbf'");
        }
        return new Wishes(
                operations(object.get("key_ops"), type),
                flag(given, "enabled"),
                notBefore,
                expires,
                flag(given, "exportable"),
                tags(object.get("tags")),
                policy(object.get("release_policy")));
    }

    private static Optional<Set<String>> operations(@Nullable JsonNode node, Optional<WebKeyType> type) throws MalformedException {
        if (node == null || node.isNull()) {
            return Optional.empty();
        }
        Set<String> found = new TreeSet<>();
        Function<String, Boolean> known = name -> name.equals("import") || name.equals("export")
                || (type.isPresent() ? List.of(type.get()) : List.of(WebKeyType.values())).stream()
                        .anyMatch(each -> each.operations().contains(name));
        if (node instanceof ArrayNode list && list.size() <= 16) {
            for (JsonNode each : list) {
                if (!each.isString() || !known.apply(each.stringValue())) {
                    throw new MalformedException("key_ops", -1, "expected operations that a key of this type is for"
                            + type.map(of -> ": " + of.operations()).orElse(""));
                }
                found.add(each.stringValue());
            }
            return found.isEmpty() ? Optional.empty() : Optional.of(found);
        }
        throw new MalformedException("key_ops", -1, "expected a list of at most 16 operations");
    }

    private static Optional<Map<String, String>> tags(@Nullable JsonNode node) throws MalformedException {
        if (node == null || node.isNull()) {
            return Optional.empty();
        }
        Map<String, String> found = new LinkedHashMap<>();
        if (!(node instanceof ObjectNode object)) {
            throw new MalformedException("tags", -1, "expected a JSON object");
        }
        for (String name : object.propertyNames()) {
            found.put(name, StrictJson.text(object, name).orElse(""));
        }
        return Optional.of(found);
    }

    private static Optional<ReleasePolicy> policy(@Nullable JsonNode node) throws MalformedException {
        if (node == null || node.isNull()) {
            return Optional.empty();
        }
        if (!(node instanceof ObjectNode object)) {
            throw new MalformedException("release_policy", -1, "expected a JSON object");
        }
        StrictJson.only("release_policy", object, List.of("contentType", "data", "immutable"));
        byte[] data = Base64Text.any("release_policy.data", required(object, "data"));
        String type = StrictJson.text(object, "contentType").orElse(POLICY_TYPE);
        if (!type.replace(" ", "").equalsIgnoreCase(POLICY_TYPE.replace(" ", "")) && !type.equals("application/json")) {
            throw new MalformedException("release_policy.contentType", -1, "expected \"" + POLICY_TYPE + "\"");
        }
        ReleaseRules.parse(data);
        return Optional.of(new ReleasePolicy(POLICY_TYPE, Bytes.of(data), flag(object, "immutable").orElse(false)));
    }

    private static String required(ObjectNode object, String name) throws MalformedException {
        return StrictJson.text(object, name)
                .filter(each -> !each.isEmpty())
                .orElseThrow(() -> new MalformedException(name, -1, "expected text"));
    }

    private static Optional<Boolean> flag(ObjectNode object, String name) throws MalformedException {
        JsonNode node = object.get(name);
        if (node == null || node.isNull()) {
            return Optional.empty();
        }
        if (!node.isBoolean()) {
            throw new MalformedException(name, -1, "expected true or false");
        }
        return Optional.of(node.booleanValue());
    }

    private static Optional<Long> integer(ObjectNode object, String name, long least, long most) throws MalformedException {
        JsonNode node = object.get(name);
        if (node == null || node.isNull()) {
            return Optional.empty();
        }
        if (node.isIntegralNumber() && node.bigIntegerValue().bitLength() < 63) {
            long value = node.bigIntegerValue().longValue();
            if (value >= least && value <= most) {
                return Optional.of(value);
            }
        }
        throw new MalformedException(name, -1, "expected a whole number from " + least + " to " + most);
    }
}
