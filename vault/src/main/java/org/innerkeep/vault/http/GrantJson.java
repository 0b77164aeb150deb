package org.innerkeep.vault.http;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.policy.Policy;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.grant.Granted;
import org.innerkeep.vault.grant.GrantedCode;
import org.innerkeep.vault.grant.MemoryReaders;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Grants in JSON. Whose code, on which platform and who may read its memory must be said; nothing is granted by leaving something out. */
final class GrantJson {
    /** The most grants that are given in one step. */
    static final int MOST_AT_ONCE = 8;

    private static final StrictJson JSON = StrictJson.upTo(Grant.MAX_BYTES);
    private static final StrictJson SEVERAL = StrictJson.upTo(MOST_AT_ONCE * Grant.MAX_BYTES);
    private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);

    private static final List<String> FIELDS = List.of(
            "signer", "productId", "leastVersion", "measurements", "platforms", "memoryReadableBy", "anchors", "job", "notBefore",
            "notAfter", "uses", "leaseSeconds", "debug", "policy");

    private GrantJson() {}

    /** Reads a grant, which gets an id. */
    static Grant read(Bytes body, SecureRandom random) throws MalformedException {
        return read(JSON.object("grant", body.toArray()), random);
    }

    /** Reads the grants in {@code {"grants": […]}}, which get ids. */
    static List<Grant> readAll(Bytes body, SecureRandom random) throws MalformedException {
        ObjectNode object = SEVERAL.object("body", body.toArray());
        StrictJson.only("body", object, List.of("grants"));
        JsonNode list = object.path("grants");
        if (!list.isArray() || list.isEmpty() || list.size() > MOST_AT_ONCE) {
            throw new MalformedException("grants", -1, "expected an array of 1 to " + MOST_AT_ONCE + " grants");
        }
        List<Grant> all = new ArrayList<>();
        for (JsonNode each : list.values()) {
            if (!(each instanceof ObjectNode grant)) {
                throw new MalformedException("grants", -1, "expected objects");
            }
            all.add(read(grant, random));
        }
        return all;
    }

    private static Grant read(ObjectNode object, SecureRandom random) throws MalformedException {
        StrictJson.only("grant", object, FIELDS);
        Optional<String> policy = StrictJson.text(object, "policy");
        if (policy.isPresent()) {
            // A policy that cannot be read would never permit: better said now.
            try {
                Policy.parse(policy.get()).orThrow();
            } catch (IllegalArgumentException e) {
                throw new MalformedException("policy", -1, String.valueOf(e.getMessage()));
            }
        }
        try {
            return new Grant(
                    Grant.newId(random),
                    code(object),
                    Set.copyOf(texts(object, "platforms")),
                    readers(object),
                    digests(object, "anchors"),
                    StrictJson.text(object, "job").map(Bytes::fromHex),
                    time(object, "notBefore"),
                    time(object, "notAfter"),
                    number(object, "uses"),
                    lease(object),
                    flag(object, "debug"),
                    policy);
        } catch (IllegalArgumentException e) {
            throw new MalformedException("grant", -1, String.valueOf(e.getMessage()));
        }
    }

    private static GrantedCode code(ObjectNode object) throws MalformedException {
        boolean signed = object.has("signer") || object.has("productId") || object.has("leastVersion");
        if (signed == object.has("measurements")) {
            throw new MalformedException("grant", -1, "expected either signer, productId and leastVersion, or measurements");
        }
        if (!signed) {
            Set<Measurement> all = new LinkedHashSet<>();
            for (String each : texts(object, "measurements")) {
                all.add(Measurement.parse(each));
            }
            return new GrantedCode.Measured(all);
        }
        String signer = StrictJson.text(object, "signer").orElseThrow(() -> new MalformedException("signer", -1, "expected one"));
        return new GrantedCode.Signed(
                Bytes.fromHex(signer),
                number(object, "productId").orElseThrow(() -> new MalformedException("productId", -1, "expected one")),
                number(object, "leastVersion").orElseThrow(() -> new MalformedException("leastVersion", -1, "expected one")));
    }

    private static MemoryReaders readers(ObjectNode object) throws MalformedException {
        return StrictJson.text(object, "memoryReadableBy")
                .flatMap(MemoryReaders::of)
                .orElseThrow(() -> new MalformedException(
                        "memoryReadableBy", -1, "expected who may read the enclave's memory at most: one of " + MemoryReaders.words()));
    }

    private static List<String> texts(ObjectNode object, String name) throws MalformedException {
        List<String> all = new ArrayList<>();
        JsonNode value = object.get(name);
        if (value == null || value.isNull()) {
            return all;
        }
        if (!value.isArray()) {
            throw new MalformedException(name, -1, "expected an array of text");
        }
        for (JsonNode each : value.values()) {
            if (!each.isString()) {
                throw new MalformedException(name, -1, "expected an array of text");
            }
            all.add(each.stringValue());
        }
        return all;
    }

    private static Set<Bytes> digests(ObjectNode object, String name) throws MalformedException {
        Set<Bytes> all = new LinkedHashSet<>();
        for (String each : texts(object, name)) {
            all.add(Bytes.fromHex(each));
        }
        return all;
    }

    private static Optional<Instant> time(ObjectNode object, String name) throws MalformedException {
        Optional<String> text = StrictJson.text(object, name);
        try {
            return text.map(Instant::parse);
        } catch (DateTimeParseException e) {
            throw new MalformedException(name, -1, "expected a time such as 2026-12-31T00:00:00Z");
        }
    }

    private static OptionalLong number(ObjectNode object, String name) throws MalformedException {
        JsonNode value = object.get(name);
        if (value == null || value.isNull()) {
            return OptionalLong.empty();
        }
        if (!value.isIntegralNumber() || value.bigIntegerValue().signum() < 0 || value.bigIntegerValue().compareTo(MAX_LONG) > 0) {
            throw new MalformedException(name, -1, "expected a whole number that is not negative");
        }
        return OptionalLong.of(value.bigIntegerValue().longValueExact());
    }

    private static Optional<Duration> lease(ObjectNode object) throws MalformedException {
        OptionalLong seconds = number(object, "leaseSeconds");
        if (seconds.isPresent() && seconds.getAsLong() > Grant.MAX_LEASE.toSeconds()) {
            throw new MalformedException("leaseSeconds", -1, "expected at most " + Grant.MAX_LEASE.toSeconds());
        }
        return seconds.isPresent() ? Optional.of(Duration.ofSeconds(seconds.getAsLong())) : Optional.empty();
    }

    private static boolean flag(ObjectNode object, String name) throws MalformedException {
        JsonNode value = object.get(name);
        if (value == null || value.isNull()) {
            return false;
        }
        if (!value.isBoolean()) {
            throw new MalformedException(name, -1, "expected true or false");
        }
        return value.booleanValue();
    }

    /** Writes a grant that was given, and how often it was used. */
    static Map<String, Object> write(Granted granted, long used) {
        Grant grant = granted.grant();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("id", grant.id());
        switch (grant.code()) {
            case GrantedCode.Signed signed -> {
                all.put("signer", signed.signer().hex());
                all.put("productId", signed.productId());
                all.put("leastVersion", signed.leastVersion());
            }
            case GrantedCode.Measured measured ->
                all.put("measurements", measured.measurements().stream().map(Measurement::toString).toList());
        }
        all.put("platforms", List.copyOf(grant.platforms()));
        all.put("memoryReadableBy", grant.readers().toString());
        if (!grant.anchors().isEmpty()) {
            all.put("anchors", grant.anchors().stream().map(Bytes::hex).toList());
        }
        grant.job().ifPresent(each -> all.put("job", each.hex()));
        grant.notBefore().ifPresent(each -> all.put("notBefore", each.toString()));
        grant.notAfter().ifPresent(each -> all.put("notAfter", each.toString()));
        grant.uses().ifPresent(each -> all.put("uses", each));
        all.put("used", used);
        grant.lease().ifPresent(each -> all.put("leaseSeconds", each.toSeconds()));
        if (grant.debug()) {
            all.put("debug", true);
        }
        grant.policy().ifPresent(each -> all.put("policy", each));
        all.put("grantedAt", granted.at().toString());
        all.put("grantedBy", granted.by());
        granted.revoked().ifPresent(each -> {
            all.put("revokedAt", each.at().toString());
            all.put("revokedBy", each.by());
        });
        return all;
    }
}
