package org.innerkeep.policy.cases;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.policy.Claim;
import org.innerkeep.policy.ClaimValue;
import org.innerkeep.policy.Outcome;
import org.innerkeep.policy.Shown;
import org.innerkeep.policy.json.Json;

/**
 * Test cases in JSON:
 *
 * <pre>
 * {"cases": [{
 *   "name": "our release enclave",
 *   "claims": {"x-ms-sgx-is-debuggable": false, "x-ms-sgx-svn": 3},
 *   "expect": {"decision": "permit", "issued": {"svn": 3}, "properties": {}, "configuration": {}}
 * }]}
 * </pre>
 *
 * <p>The claims are as in a {@link ClaimsFile}. The decision is {@code permit}, {@code deny}, {@code none} if no rule permits, or {@code
 * error}. Of {@code issued}, {@code properties} and {@code configuration} those that are given must be met exactly; an array is several
 * values in any order. The names {@code case}, {@code incoming} and {@code expected} do as well, an array of cases may stand without the
 * object around it, a case may name its policy's file as {@code policy} (one that has a text as {@code inline} counts as a case of another file), and {@code "parse": "error"} in what is expected says that the text
 * is no policy.
 */
public final class CaseFile {
    private static final int MOST_CASES = 10_000;
    /** A case that brings its own policy is a case of another policy than any file. */
    private static final String INLINE = "inline";

    private static final Set<String> FIELDS = Set.of("name", "case", "policy", INLINE, "note", "claims", "incoming", "expect", "expected");
    private static final Set<String> EXPECTED =
            Set.of("parse", "error", "strictError", "lenientWarnings", "decision", "issued", "properties", "configuration", "note");

    private CaseFile() {}

    /**
     * Reads cases.
     *
     * @param file the bytes of the file, hostile
     * @return the cases in the order of the file, at least one
     * @throws CaseFileException if the bytes are anything else
     */
    public static List<PolicyCase> read(byte[] file) throws CaseFileException {
        Json json = ClaimsFile.parse(file);
        if (json instanceof Json.Obj object) {
            if (!object.fields().keySet().equals(Set.of("cases"))) {
                throw new CaseFileException("expected {\"cases\": […]} and no other fields");
            }
            json = object.find("cases").orElseThrow();
        }
        if (!(json instanceof Json.Arr array) || array.items().size() > MOST_CASES) {
            throw new CaseFileException("expected an array of at most " + MOST_CASES + " cases");
        }
        List<PolicyCase> cases = new ArrayList<>();
        for (int i = 0; i < array.items().size(); i++) {
            String where = "case " + (i + 1);
            if (!(array.items().get(i) instanceof Json.Obj each)) {
                throw new CaseFileException(where + ": expected an object, found a " + array.items().get(i).kind());
            }
            // Notes about all cases.
            if (!each.fields().keySet().stream().allMatch("note"::equals)) {
                cases.add(one(each, where));
            }
        }
        if (cases.isEmpty()) {
            throw new CaseFileException("expected at least one case: without any, nothing is tested");
        }
        return List.copyOf(cases);
    }

    private static PolicyCase one(Json.Obj json, String where) throws CaseFileException {
        fields(json, FIELDS, where);
        Optional<Json> named = json.find("name").or(() -> json.find("case"));
        String name = named.isPresent() ? text(named.get(), where + ", \"name\"") : where;
        String place = where + " " + Shown.quoted(name);
        Optional<Json> policy = json.find("policy").or(() -> json.find(INLINE).map(text -> Json.of(INLINE)));
        Json expect = json.find("expect").or(() -> json.find("expected")).orElse(Json.Null.NULL);
        if (!(expect instanceof Json.Obj wanted)) {
            throw new CaseFileException(place + ": expected \"expect\" with an object");
        }
        fields(wanted, EXPECTED, place + ", \"expect\"");
        Optional<Json> parse = wanted.find("parse");
        boolean noPolicy = parse.isPresent() && !text(parse.get(), place + ", \"parse\"").equals("ok");
        Optional<Json> claims = json.find("claims").or(() -> json.find("incoming"));
        List<Claim> incoming = claims.isPresent() ? ClaimsFile.claims(claims.get(), place) : List.of();
        return new PolicyCase(
                name,
                policy.isPresent() ? Optional.of(text(policy.get(), place + ", \"policy\"")) : Optional.empty(),
                incoming,
                noPolicy ? Optional.empty() : Optional.of(decision(wanted, place)),
                values(wanted, "issued", place),
                values(wanted, "properties", place),
                values(wanted, "configuration", place));
    }

    private static void fields(Json.Obj json, Set<String> known, String where) throws CaseFileException {
        for (String name : json.fields().keySet()) {
            if (!known.contains(name)) {
                throw new CaseFileException(where + ": there is no field " + Shown.quoted(name));
            }
        }
    }

    private static String text(Json json, String where) throws CaseFileException {
        if (json instanceof Json.Text text) {
            return text.value();
        }
        throw new CaseFileException(where + ": expected text in quotes");
    }

    private static Outcome decision(Json.Obj expect, String where) throws CaseFileException {
        Json given = expect.find("decision").orElse(Json.Null.NULL);
        return switch (given instanceof Json.Text text ? text.value() : "") {
            case "permit" -> Outcome.PERMIT;
            case "deny" -> Outcome.DENY;
            case "none" -> Outcome.NO_PERMIT;
            case "error" -> Outcome.ERROR;
            default -> throw new CaseFileException(where + ": expected \"permit\", \"deny\", \"none\" or \"error\" as \"decision\"");
        };
    }

    private static Optional<Map<String, List<ClaimValue>>> values(Json.Obj expect, String field, String where) throws CaseFileException {
        Optional<Json> given = expect.find(field);
        if (given.isEmpty()) {
            return Optional.empty();
        }
        if (!(given.get() instanceof Json.Obj object)) {
            throw new CaseFileException(where + ", \"" + field + "\": expected an object of names with values");
        }
        Map<String, List<ClaimValue>> values = new LinkedHashMap<>();
        for (Map.Entry<String, Json> each : object.fields().entrySet()) {
            values.put(each.getKey(), ClaimsFile.values(each.getValue(), where + ", \"" + field + "\", " + Shown.quoted(each.getKey())));
        }
        return Optional.of(values);
    }
}
