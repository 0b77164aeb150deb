package org.innerkeep.attestation.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.innerkeep.attestation.AttestationService;
import org.innerkeep.attestation.AttestationType;
import org.innerkeep.attestation.PolicyAdministration;
import org.innerkeep.attestation.Problem;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.http.Route.Call;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.attestation.log.LogHead;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.PendingChange;
import org.innerkeep.evidence.MalformedException;
import tools.jackson.databind.JsonNode;

/** The operations of the service, in one list: what is not in it does not exist. */
final class Api {
    /** Receipts of the log, base64url, in answers that changed or decided something. */
    static final String RECEIPT = "x-innerkeep-receipt";

    /** Versions of the interface; an operation is never refused for being newer than the version that is named. */
    private static final Set<String> VERSIONS = Set.of(
            "2018-09-01-preview",
            "2020-10-01",
            "2022-08-01",
            "2022-09-01-preview",
            "2023-04-01-preview",
            "2025-06-01",
            "2026-03-11-preview");

    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain";
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,15}");
    private static final StrictJson STRINGS = StrictJson.upTo(PolicyJws.MAX_CHARACTERS + 2);

    private final AttestationService service;
    private final Metrics metrics;

    Api(AttestationService service, Metrics metrics) {
        this.service = service;
        this.metrics = metrics;
    }

    /**
     * All operations.
     *
     * @param further those of further parts of the service
     */
    List<Route> routes(List<Route> further) {
        List<Route> all = new ArrayList<>(List.of(
                post("attest", "/attest/{type}", "Attest evidence: verify it, appraise it by the policy of its type, answer a token.",
                        Access.ANYONE, List.of(JSON), AttestBodies.MAX_EVIDENCE_BYTES, this::attest),
                get("get-policy", "/policies/{type}", "The policy of a type, in a signed token.", Access.READER, this::policy),
                new Route("set-policy", "PUT", "/policies/{type}", "Set the policy of a type: the body is a JWS.", Access.CONTRIBUTOR,
                        VERSIONS, List.of(TEXT), PolicyJws.MAX_CHARACTERS, this::setPolicy),
                post("reset-policy", "/policies/{type}:reset", "Take a policy back: the body is a JWS without a payload.",
                        Access.CONTRIBUTOR, List.of(TEXT), PolicyJws.MAX_CHARACTERS, this::resetPolicy),
                get("get-policy-certificates", "/certificates", "The certificates whose holders may set policies, in a signed token.",
                        Access.READER, call -> token(service.administration().policyCertificates())),
                post("add-policy-certificate", "/certificates:add", "Add a certificate whose holder may set policies.",
                        Access.CONTRIBUTOR, List.of(JSON), PolicyJws.MAX_CHARACTERS, call -> changeCertificates(call, true)),
                post("remove-policy-certificate", "/certificates:remove", "Remove a certificate whose holder may set policies.",
                        Access.CONTRIBUTOR, List.of(JSON), PolicyJws.MAX_CHARACTERS, call -> changeCertificates(call, false)),
                new Route("get-policy-changes", "GET", "/policychanges", "The changes of policies that wait for a second approval.",
                        Access.READER, Set.of(), List.of(), 0, call -> proposals()),
                new Route("approve-policy-change", "POST", "/policychanges/{digest}:approve",
                        "Approve a change that another identity proposed, named by its digest, and make it.",
                        Access.CONTRIBUTOR, Set.of(), List.of(), 0, this::approve),
                new Route("reject-policy-change", "POST", "/policychanges/{digest}:reject",
                        "Reject a change that waits, named by its digest.",
                        Access.CONTRIBUTOR, Set.of(), List.of(), 0, this::reject),
                get("get-tcb-baselines", "/tcbbaselines/{type}", "The TCB baselines that policies of a type can name.", Access.ANYONE,
                        Api::baselines),
                plain("get-keys", "GET", "/certs", "The keys that verify tokens, a JSON Web Key Set with certificates.",
                        // Not application/jwk+json: Azure's client for JavaScript reads no body of that type.
                        call -> Reply.json(service.keySet())),
                plain("get-openid-configuration", "GET", "/.well-known/openid-configuration", "Where to find the issuer's keys.",
                        call -> Reply.json(openId())),
                plain("new-nonce", "POST", "/nonce", "A nonce, to be put into what evidence is made over.", this::nonce),
                plain("get-log-head", "GET", "/log/head", "The newest signed head of the log of decisions and changes, COSE_Sign1.",
                        call -> logHead()),
                plain("get-log-key", "GET", "/log/key", "The public key of the log, to be pinned by who keeps receipts.",
                        call -> Reply.text("text/plain; charset=utf-8", service.log().anchor() + "\n")),
                plain("get-log-receipt", "GET", "/log/receipts/{type}", "A receipt for a leaf of the log, under its newest head.",
                        this::receipt),
                plain("get-live", "GET", "/healthz", "Whether the process runs.", call -> Reply.json(Map.of("status", "up"))),
                plain("get-service-health", "GET", "/servicehealth", "Whether the service can serve, without a body.",
                        call -> service.impediment().isEmpty() ? Reply.noContent() : unready()),
                plain("get-ready", "GET", "/readyz", "Whether the service can serve: a key signs, the store can be read and written.",
                        call -> service.impediment().isEmpty() ? Reply.json(Map.of("status", "ready")) : unready()),
                plain("get-metrics", "GET", "/metrics", "Metrics, for Prometheus.",
                        call -> Reply.of("text/plain; version=0.0.4; charset=utf-8", metrics.exposition()))));
        all.addAll(further);
        all.add(plain("get-openapi", "GET", "/openapi.json", "This document.", call -> Reply.of(JSON, OpenApi.document(all))));
        return List.copyOf(all);
    }

    private static Route get(String name, String template, String summary, Access needs, Route.Action action) {
        return new Route(name, "GET", template, summary, needs, VERSIONS, List.of(), 0, action);
    }

    private static Route post(
            String name, String template, String summary, Access needs, List<String> types, int most, Route.Action action) {
        return new Route(name, "POST", template, summary, needs, VERSIONS, types, most, action);
    }

    /** An operation for anyone, without a body, and without a version: clients of the interface send none to these. */
    private static Route plain(String name, String method, String template, String summary, Route.Action action) {
        return new Route(name, method, template, summary, Access.ANYONE, Set.of(), List.of(), 0, action);
    }

    private Reply attest(Call call) throws RefusedException {
        AttestationType type = type(call);
        if (!type.offered()) {
            throw notOffered(type);
        }
        if (type != AttestationType.EVIDENCE && call.body().length() > AttestBodies.MAX_BYTES) {
            throw new RefusedException(Code.TOO_LARGE, "body: expected at most " + AttestBodies.MAX_BYTES + " bytes for " + type + ".");
        }
        long begin = System.nanoTime();
        String outcome = "OK";
        try {
            return token(service.attest(AttestBodies.read(type, call.body()), call.caller().may(Access.CONTRIBUTOR)));
        } catch (RefusedException e) {
            outcome = e.problem().code().toString();
            throw e;
        } finally {
            metrics.attested(type, outcome, System.nanoTime() - begin);
        }
    }

    private static RefusedException notOffered(AttestationType type) {
        return new RefusedException(Code.NOT_OFFERED, type + ": this service does not attest it. It attests SgxEnclave, OpenEnclave,"
                + " SevSnpVm, TdxVm, and evidence of every other kind by /attest/Evidence.");
    }

    private Reply policy(Call call) throws RefusedException {
        return token(service.administration().policy(type(call)));
    }

    private Reply setPolicy(Call call) throws RefusedException {
        return needsApproval()
                ? proposed(PendingChange.Action.SET_POLICY, type(call), ascii(call), call)
                : token(service.administration().setPolicy(type(call), ascii(call), call.caller().name()));
    }

    private Reply resetPolicy(Call call) throws RefusedException {
        return needsApproval()
                ? proposed(PendingChange.Action.RESET_POLICY, type(call), ascii(call), call)
                : token(service.administration().resetPolicy(type(call), ascii(call), call.caller().name()));
    }

    private boolean needsApproval() {
        return service.settings().approvalValidity().isPresent();
    }

    /** Accepted (202), and nothing changed yet: a client that does not know this takes it for a failure, rightly. */
    private Reply proposed(PendingChange.Action action, AttestationType type, String jws, Call call) throws RefusedException {
        PolicyAdministration.Proposal proposal = service.administration().propose(action, type, jws, call.caller().name());
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("message", "nothing has changed yet: another identity has to approve this change by POST /policychanges/"
                + proposal.change().digest().hex() + ":approve");
        answer.put("change", described(proposal));
        Map<String, String> receipt = proposal.receipt().map(each -> Map.of(RECEIPT, encoded(each))).orElse(Map.of());
        return new Reply(202, Reply.JSON, Reply.json(answer).body(), receipt, "Proposed");
    }

    private Reply proposals() throws RefusedException {
        List<Map<String, Object>> all = new ArrayList<>();
        for (PolicyAdministration.Proposal each : service.administration().proposals()) {
            all.add(described(each));
        }
        return Reply.json(Map.of("changes", all));
    }

    private static Map<String, Object> described(PolicyAdministration.Proposal proposal) {
        PendingChange change = proposal.change();
        Map<String, Object> description = new LinkedHashMap<>();
        description.put("digest", change.digest().hex());
        description.put("action", change.action().toString());
        description.put("type", change.type());
        description.put("jws", change.text());
        description.put("version", change.base());
        description.put("by", change.by());
        description.put("proposed", change.at().toString());
        description.put("expires", proposal.expiry().toString());
        return description;
    }

    private Reply approve(Call call) throws RefusedException {
        return token(service.administration().approve(digest(call), call.caller().name()));
    }

    private Reply reject(Call call) throws RefusedException {
        String digest = digest(call);
        service.administration().reject(digest, call.caller().name());
        return Reply.json(Map.of("rejected", digest));
    }

    private static String digest(Call call) throws RefusedException {
        if (!DIGEST.matcher(call.variable("digest")).matches()) {
            throw new RefusedException(Code.INVALID_REQUEST, "digest: expected the 64 lower-case hexadecimal digits of a change.");
        }
        return call.variable("digest");
    }

    private Reply changeCertificates(Call call, boolean add) throws RefusedException {
        try {
            JsonNode text = STRINGS.read("body", call.body().toArray());
            if (!text.isString()) {
                throw new MalformedException("body", 0, "expected a JSON string that holds a JWS");
            }
            if (needsApproval()) {
                // Of no type: any that is offered stands for that.
                return proposed(add ? PendingChange.Action.ADD_CERTIFICATE : PendingChange.Action.REMOVE_CERTIFICATE,
                        AttestationType.SGX_ENCLAVE, text.stringValue(), call);
            }
            return token(service.administration().changePolicyCertificates(text.stringValue(), add, call.caller().name()));
        } catch (MalformedException e) {
            throw new RefusedException(Code.INVALID_REQUEST, e);
        }
    }

    private static String ascii(Call call) {
        return new String(call.body().toArray(), StandardCharsets.US_ASCII).strip();
    }

    private static AttestationType type(Call call) throws RefusedException {
        return AttestationType.of(call.variable("type")).orElseThrow(() -> new RefusedException(Code.NOT_FOUND,
                "no such type of attestation; expected SgxEnclave, OpenEnclave, SevSnpVm, TdxVm or Evidence."));
    }

    private static Reply token(AttestationService.Answer answer) {
        return Reply.json(
                Map.of("token", answer.token()),
                answer.receipt().map(receipt -> Map.of(RECEIPT, encoded(receipt))).orElse(Map.of()));
    }

    private static String encoded(Receipt receipt) {
        return Base64Text.url(receipt.toByteArray());
    }

    private static Reply baselines(Call call) throws RefusedException {
        AttestationType type = type(call);
        if (type != AttestationType.SGX_ENCLAVE && type != AttestationType.OPEN_ENCLAVE) {
            throw new RefusedException(Code.INVALID_PARAMETER, type + ": only policies of SgxEnclave and OpenEnclave name TCB baselines.");
        }
        return Reply.json(Map.of("tcbBaselines", TcbBaselines.all()));
    }

    private Map<String, Object> openId() {
        String issuer = service.settings().issuer();
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("issuer", issuer);
        metadata.put("jwks_uri", issuer + "/certs");
        metadata.put("response_types_supported", List.of("token", "none"));
        metadata.put("id_token_signing_alg_values_supported", service.tokenAlgorithms());
        metadata.put("claims_supported", List.of(
                "is-debuggable", "sgx-mrsigner", "sgx-mrenclave", "product-id", "svn", "tee", "device_id", "component_0_id",
                "expected_components"));
        return metadata;
    }

    private Reply nonce(Call call) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("nonce", service.newNonce());
        answer.put("validSeconds", service.settings().nonceValidity().toSeconds());
        return new Reply(200, Reply.JSON, Reply.json(answer).body(), Map.of("Cache-Control", "no-store"), "OK");
    }

    private Reply logHead() throws RefusedException {
        try {
            Optional<LogHead.Signed> head = service.log().head();
            return Reply.of("application/cose", head.orElseThrow(() ->
                    new RefusedException(Code.NOT_FOUND, "the log has no head yet.")).toByteArray());
        } catch (IOException e) {
            throw new RefusedException(Code.UNAVAILABLE, "log: it cannot be read now; the operator's log says why.");
        }
    }

    private Reply receipt(Call call) throws RefusedException {
        if (!NUMBER.matcher(call.variable("type")).matches()) {
            throw new RefusedException(Code.INVALID_REQUEST, "sequence: expected the number of a leaf.");
        }
        try {
            Receipt receipt = service.log().receipt(Long.parseLong(call.variable("type")))
                    .orElseThrow(() -> new RefusedException(Code.NOT_FOUND, "the log has no such leaf."));
            return Reply.of("application/cbor", receipt.toByteArray());
        } catch (IOException e) {
            throw new RefusedException(Code.UNAVAILABLE, "log: it cannot be read now; the operator's log says why.");
        }
    }

    private Reply unready() {
        return Reply.problem(new Problem(Code.UNAVAILABLE, service.impediment().orElse("it was not ready a moment ago")));
    }
}
