package org.innerkeep.attestation;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.attestation.store.Decision;
import org.innerkeep.attestation.store.DecisionRecord;
import org.innerkeep.attestation.store.DecisionRecord.Outcome;
import org.innerkeep.attestation.store.RecordedDecision;
import org.innerkeep.attestation.store.Replay;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an appraisal was made from and what came of it, as the store keeps it: everything that is needed to make it again. A token is kept
 * only by its digest, so that nobody who reads the store can show it. Of evidence that proved nothing the contents are not kept: anyone
 * could fill the store with them.
 */
record DecisionContents(
        AttestationRequest request,
        SetPolicy policy,
        Appraisal appraisal,
        Bytes settings,
        Issue issue,
        Optional<String> token) {
    private static final StrictJson JSON = StrictJson.upTo(4 << 20);
    private static final int MAX_REASONS = 64;
    private static final int MAX_REASON = 2048;
    private static final String EVIDENCE = "evidence";
    private static final String ENDORSEMENTS = "endorsements";
    private static final String POLICY = "policy";
    private static final String REQUEST = "request";
    private static final String SETTINGS = "settings";
    private static final String ISSUE = "issue";
    private static final String CLAIMS = "claims";
    private static final String TOKEN = "token";

    /** What is read back of it. */
    record Kept(
            AttestationRequest request, SetPolicy policy, Endorsements endorsements, boolean fresh, Issue issue) {}

    /** {@return what is kept of the settings that an appraisal depends on} */
    static Bytes of(ServiceSettings settings) {
        return Bytes.of(JSON.write(settings.appraisal()));
    }

    /** {@return whether the evidence proved something} */
    boolean proven() {
        return appraisal.proven();
    }

    private Outcome outcome() {
        return switch (appraisal.outcome()) {
            case Appraisal.Outcome.Permitted permitted -> Outcome.PERMITTED;
            case Appraisal.Outcome.NotPermitted not -> switch (not.problem().code()) {
                case POLICY_EVALUATION -> Outcome.DENIED;
                case UNDECIDED -> Outcome.UNDECIDED;
                default -> Outcome.REFUSED;
            };
        };
    }

    private List<String> reasons() {
        if (!(appraisal.outcome() instanceof Appraisal.Outcome.NotPermitted not)) {
            return List.of();
        }
        List<String> all = new ArrayList<>(List.of(not.problem().message()));
        all.addAll(not.problem().details());
        return all.stream().limit(MAX_REASONS).map(each -> each.length() <= MAX_REASON ? each : each.substring(0, MAX_REASON)).toList();
    }

    private Map<String, Bytes> inputs() {
        Map<String, Bytes> inputs = new LinkedHashMap<>();
        inputs.put(EVIDENCE, request.evidence());
        appraisal.endorsements().ifPresent(archive -> inputs.put(ENDORSEMENTS, archive));
        inputs.put(POLICY, Bytes.of(policy.envelope().getBytes(StandardCharsets.UTF_8)));
        inputs.put(REQUEST, Bytes.of(JSON.write(data())));
        inputs.put(SETTINGS, settings);
        inputs.put(ISSUE, Bytes.of(issue.toByteArray()));
        return inputs;
    }

    private Map<String, Bytes> outputs() {
        Map<String, Bytes> outputs = new LinkedHashMap<>();
        if (appraisal.outcome() instanceof Appraisal.Outcome.Permitted permitted) {
            outputs.put(CLAIMS, Bytes.of(JSON.write(permitted.claims())));
        }
        token.ifPresent(text -> outputs.put(TOKEN, Bytes.of(text.getBytes(StandardCharsets.US_ASCII))));
        return outputs;
    }

    /** The request without its evidence; the nonce stands in the record itself. */
    private Map<String, Object> data() {
        Map<String, Object> data = new LinkedHashMap<>();
        request.runtimeData().ifPresent(held -> data.put("runtimeData", held(held)));
        request.initTimeData().ifPresent(held -> data.put("initTimeData", held(held)));
        data.put("fresh", request.nonce().filter(nonce -> nonce.startsWith(Nonces.PREFIX)).isPresent());
        data.put("draft", request.draft().isPresent());
        return data;
    }

    private static Map<String, Object> held(HeldData held) {
        return Map.of("data", Base64Text.url(held.data().toArray()), "json", held.json());
    }

    private static Map<String, Bytes> digests(Map<String, Bytes> contents) {
        Map<String, Bytes> digests = new LinkedHashMap<>();
        contents.forEach((name, content) -> digests.put(name, Bytes.sha256(content.toArray())));
        return digests;
    }

    /** {@return the decision, to be recorded} */
    Decision decision(Instant at) {
        Map<String, Bytes> inputs = inputs();
        Map<String, Bytes> outputs = outputs();
        DecisionRecord record = new DecisionRecord(
                at, request.type().segment(), outcome(), request.nonce(), digests(inputs), digests(outputs), reasons());
        Map<String, Bytes> kept = new LinkedHashMap<>();
        if (proven()) {
            kept.putAll(inputs);
            kept.putAll(outputs);
            kept.remove(TOKEN);
            if (!appraisal.keepEndorsements()) {
                // Their digest stands in the record, so that replay says that they are missing.
                kept.remove(ENDORSEMENTS);
            }
            kept.values().removeIf(content -> content.length() > Decision.MAX_CONTENT_BYTES);
            if (kept.values().stream().mapToLong(Bytes::length).sum() > Decision.MAX_ALL_BYTES) {
                kept.remove(ENDORSEMENTS);
            }
        }
        return new Decision(record, kept);
    }

    /** {@return the same for a comparison with what was recorded} */
    Replay.Appraised appraised(RecordedDecision recorded, Optional<String> again) {
        Map<String, Bytes> outputs = new LinkedHashMap<>(outputs());
        if (again.isEmpty()) {
            outputs.remove(TOKEN);
        }
        List<String> reasons = new ArrayList<>(reasons());
        if (!settings.equals(recorded.content(SETTINGS).orElse(Bytes.EMPTY))) {
            reasons.add("the settings of this service are not those that the decision was made under");
        }
        return new Replay.Appraised(outcome(), reasons, outputs);
    }

    /**
     * Reads what was kept.
     *
     * @param recorded with all its inputs
     * @return what the appraisal is made from
     * @throws MalformedException if it has another form
     * @throws RefusedException if the policy is none
     */
    static Kept read(RecordedDecision recorded) throws MalformedException, RefusedException {
        ObjectNode data = JSON.object(REQUEST, content(recorded, REQUEST).toArray());
        AttestationType type = AttestationType.of(recorded.record().type())
                .orElseThrow(() -> new MalformedException("type", -1, "expected a type of attestation"));
        String envelope = StrictJson.utf8(POLICY, content(recorded, POLICY).toArray());
        AttestationRequest request = new AttestationRequest(
                type,
                content(recorded, EVIDENCE),
                List.of(),
                held(data.get("runtimeData")),
                held(data.get("initTimeData")),
                recorded.record().nonce(),
                data.path("draft").asBoolean(false) ? Optional.of(envelope) : Optional.empty());
        Optional<Bytes> archive = recorded.content(ENDORSEMENTS);
        return new Kept(
                request,
                SetPolicy.of(PolicyJws.parse(envelope)),
                archive.isPresent() ? EndorsementPool.parse(archive.get().toArray()) : Endorsements.none(),
                data.path("fresh").asBoolean(false),
                Issue.parse(content(recorded, ISSUE)));
    }

    private static Bytes content(RecordedDecision recorded, String name) throws MalformedException {
        return recorded.content(name).orElseThrow(() -> new MalformedException(name, -1, "expected it to be kept"));
    }

    private static Optional<HeldData> held(@Nullable JsonNode held) throws MalformedException {
        if (held == null) {
            return Optional.empty();
        }
        String text = StrictJson.text(held, "data").orElse("");
        return Optional.of(new HeldData(Bytes.of(Base64Text.url("data", text)), held.path("json").asBoolean(false)));
    }
}
