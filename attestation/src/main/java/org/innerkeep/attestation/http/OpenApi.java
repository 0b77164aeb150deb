package org.innerkeep.attestation.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.innerkeep.attestation.AttestationType;
import org.innerkeep.attestation.json.StrictJson;

/** The OpenAPI document (version 3.1) of the service, made from the list of its operations. */
final class OpenApi {
    private static final StrictJson JSON = StrictJson.upTo(1 << 20);

    /** Operations that only propose where the service needs two approvals. */
    private static final Set<String> WITH_APPROVAL =
            Set.of("set-policy", "reset-policy", "add-policy-certificate", "remove-policy-certificate");

    private OpenApi() {}

    static byte[] document(List<Route> routes) {
        Map<String, Map<String, Object>> paths = new LinkedHashMap<>();
        routes.forEach(route -> paths.computeIfAbsent(route.template().replace("?}", "}"), path -> new LinkedHashMap<>())
                .put(route.method().toLowerCase(Locale.ROOT), operation(route)));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("openapi", "3.1.0");
        document.put("info", Map.of(
                "title", "Innerkeep attestation service",
                "version", "1",
                "description", "The interface of Microsoft Azure Attestation, and operations of its own."));
        document.put("paths", paths);
        document.put("components", Map.of(
                "securitySchemes", Map.of("bearer", Map.of("type", "http", "scheme", "bearer")),
                "schemas", Map.of("Error", error(), "Token", token(), "AttestRequest", attestRequest())));
        return JSON.write(document);
    }

    private static Map<String, Object> operation(Route route) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("operationId", route.name());
        operation.put("summary", route.summary());
        List<Object> parameters = new ArrayList<>();
        for (String variable : route.variableNames()) {
            Map<String, Object> schema = new LinkedHashMap<>(Map.of("type", "string"));
            if (variable.equals("digest") && route.template().startsWith("/policychanges/")) {
                schema.put("pattern", "^[0-9a-f]{64}$");
                schema.put("description", "the digest of a change, as /policychanges has it");
            } else if (variable.equals("type") && !route.name().equals("get-log-receipt")) {
                List<String> types = new ArrayList<>();
                for (AttestationType type : AttestationType.values()) {
                    if (type.offered()) {
                        types.add(type.segment());
                    }
                }
                schema.put("enum", types);
            }
            parameters.add(Map.of("name", variable, "in", "path", "required", true, "schema", schema));
        }
        if (!route.versions().isEmpty()) {
            parameters.add(Map.of("name", "api-version", "in", "query", "required", true, "schema", Map.of("type", "string")));
        }
        if (!parameters.isEmpty()) {
            operation.put("parameters", parameters);
        }
        if (!route.mediaTypes().isEmpty()) {
            Map<String, Object> content = new LinkedHashMap<>();
            route.mediaTypes().forEach(type -> content.put(type, Map.of("schema", route.name().equals("attest")
                    ? Map.of("$ref", "#/components/schemas/AttestRequest")
                    : route.name().contains("polic")
                            ? Map.of("type", "string", "description", "a JWS in compact form")
                            : Map.of())));
            operation.put("requestBody", Map.of("required", true, "content", content));
        }
        if (route.needs() != Access.ANYONE) {
            operation.put("security", List.of(Map.of("bearer", List.of())));
        }
        Map<String, Object> problem = Map.of(
                "description", "why it is not done",
                "content", Map.of("application/json", Map.of("schema", Map.of("$ref", "#/components/schemas/Error"))));
        Map<String, Object> responses = new LinkedHashMap<>();
        responses.put("200", Map.of("description", "done"));
        if (WITH_APPROVAL.contains(route.name())) {
            responses.put("202", Map.of("description", "proposed: nothing changes until another identity approves it"));
        }
        responses.put("default", problem);
        operation.put("responses", responses);
        return operation;
    }

    private static Map<String, Object> error() {
        return object(Map.of("error", object(Map.of(
                "code", Map.of("type", "string"),
                "message", Map.of("type", "string"),
                "details", Map.of("type", "array", "items", Map.of("type", "object"))))));
    }

    private static Map<String, Object> token() {
        return object(Map.of("token", Map.of("type", "string", "description", "a JWT")));
    }

    private static Map<String, Object> attestRequest() {
        Map<String, Object> held = object(Map.of(
                "data", Map.of("type", "string", "description", "base64url"), "dataType", Map.of("enum", List.of("Binary", "JSON"))));
        Map<String, Object> base64 = Map.of("type", "string", "description", "base64url");
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("quote", base64);
        fields.put("report", base64);
        fields.put("evidence", base64);
        fields.put("endorsements", Map.of("type", "array", "items", base64));
        fields.put("runtimeData", held);
        fields.put("initTimeData", held);
        fields.put("nonce", Map.of("type", List.of("string", "integer")));
        fields.put("draftPolicyForAttestation", Map.of("type", "string"));
        return object(fields);
    }

    private static Map<String, Object> object(Map<String, ?> properties) {
        return Map.of("type", "object", "properties", properties);
    }
}
