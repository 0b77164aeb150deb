package org.innerkeep.policy.cases;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.innerkeep.policy.Claim;
import org.innerkeep.policy.ClaimValue;
import org.innerkeep.policy.Issuer;
import org.innerkeep.policy.Limits;
import org.innerkeep.policy.Shown;
import org.innerkeep.policy.json.Json;
import org.innerkeep.policy.json.JsonException;
import org.innerkeep.policy.json.JsonLimits;

/**
 * Claims in JSON, in one of two forms: an object {@code {"name": value, …}}, or an array {@code [{"type": "name", "value": value, "issuer":
 * "…"}, …]}. The issuer is {@code AttestationService} unless it is given. A value is text, a whole number, true or false; an array of
 * these is several claims of one name; an object, or an array with objects in it, is a claim whose text is that JSON.
 */
public final class ClaimsFile {
    private static final JsonLimits LIMITS = new JsonLimits(Limits.MAX_CLAIM_TEXT, 64, JsonLimits.CLAIM.maxValues());
    private static final Set<String> FIELDS = Set.of("type", "value", "issuer", "valueType");

    private ClaimsFile() {}

    /**
     * Reads claims.
     *
     * @param file the bytes of the file, hostile
     * @return the claims in the order of the file
     * @throws CaseFileException if the bytes are anything else
     */
    public static List<Claim> read(byte[] file) throws CaseFileException {
        return claims(parse(file), "the claims");
    }

    static Json parse(byte[] file) throws CaseFileException {
        try {
            return Json.parse(file, LIMITS);
        } catch (JsonException e) {
            throw new CaseFileException("no JSON at " + e.getMessage(), e);
        }
    }

    static List<Claim> claims(Json json, String where) throws CaseFileException {
        List<Claim> claims = new ArrayList<>();
        switch (json) {
            case Json.Obj object -> {
                for (Map.Entry<String, Json> field : object.fields().entrySet()) {
                    add(field.getKey(), field.getValue(), Issuer.ATTESTATION_SERVICE, where, claims);
                }
            }
            case Json.Arr array -> {
                for (int i = 0; i < array.items().size(); i++) {
                    claim(array.items().get(i), where + ", item " + (i + 1), claims);
                }
            }
            default -> throw new CaseFileException(where + ": expected an object of names with values or an array of claims, found a "
                    + json.kind());
        }
        return List.copyOf(claims);
    }

    private static void claim(Json json, String where, List<Claim> into) throws CaseFileException {
        if (!(json instanceof Json.Obj object)) {
            throw new CaseFileException(where + ": expected {\"type\": …, \"value\": …}, found a " + json.kind());
        }
        for (String name : object.fields().keySet()) {
            if (!FIELDS.contains(name)) {
                throw new CaseFileException(where + ": a claim has no field " + Shown.quoted(name));
            }
        }
        if (!(object.find("type").orElse(Json.Null.NULL) instanceof Json.Text type)) {
            throw new CaseFileException(where + ": expected \"type\" with the claim's name in quotes");
        }
        Json value = object.find("value").orElseThrow(() -> new CaseFileException(where + ": expected \"value\""));
        Issuer issuer = Issuer.ATTESTATION_SERVICE;
        Optional<Json> given = object.find("issuer");
        if (given.isPresent()) {
            issuer = Optional.of(given.get()).filter(Json.Text.class::isInstance).flatMap(each -> Issuer.of(((Json.Text) each).value()))
                    .orElseThrow(() -> new CaseFileException(
                            where + ": expected \"AttestationService\", \"AttestationPolicy\" or \"CustomClaim\" as \"issuer\""));
        }
        add(type.value(), value, issuer, where, into);
    }

    private static void add(String type, Json value, Issuer issuer, String where, List<Claim> into) throws CaseFileException {
        if (type.isEmpty()) {
            throw new CaseFileException(where + ": expected a claim's name, found an empty one");
        }
        for (ClaimValue each : values(value, where + ", " + Shown.quoted(type))) {
            into.add(new Claim(type, each, issuer));
        }
    }

    /** The values that a claim of this name has. */
    static List<ClaimValue> values(Json json, String where) throws CaseFileException {
        if (json instanceof Json.Arr array && array.items().stream().allMatch(ClaimsFile::isPlain)) {
            List<ClaimValue> values = new ArrayList<>();
            for (Json each : array.items()) {
                values.add(value(each, where));
            }
            return values;
        }
        return List.of(value(json, where));
    }

    private static boolean isPlain(Json json) {
        return json instanceof Json.Text || json instanceof Json.Num || json instanceof Json.Bool;
    }

    private static ClaimValue value(Json json, String where) throws CaseFileException {
        return switch (json) {
            case Json.Text text -> ClaimValue.of(text.value());
            case Json.Bool flag -> ClaimValue.of(flag.value());
            case Json.Num number -> {
                OptionalLong whole = number.whole();
                if (whole.isEmpty()) {
                    throw new CaseFileException(where + ": expected a whole number of 64 bits");
                }
                yield ClaimValue.of(whole.getAsLong());
            }
            case Json.Arr array -> ClaimValue.of(array.toText());
            case Json.Obj object -> ClaimValue.of(object.toText());
            case Json.Null ignored -> throw new CaseFileException(where + ": expected a value, found null; leave the claim out");
        };
    }
}
