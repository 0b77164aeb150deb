package org.innerkeep.evidence.dcap;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.internal.JsonValue;

/**
 * An endorsement that Intel's provisioning certification service gives as JSON with a signature over the exact bytes of its one inner
 * value (Intel PCS API, version 4). Parsed and not verified.
 */
public sealed interface SignedJson permits TcbInfo, EnclaveIdentity {
    /** The most levels, advisories or modules in one list. */
    int MAX_ITEMS = 512;

    /** {@return since when it holds} */
    Instant issueDate();

    /** {@return until when it holds} */
    Instant nextUpdate();

    /** {@return {@code tcbEvaluationDataNumber}: which of Intel's evaluations it is of; higher is newer} */
    int evaluation();

    /** {@return the bytes that are signed, as they were served} */
    Bytes signed();

    /** {@return the signature, 64 bytes: r and s, big-endian} */
    Bytes signature();

    /**
     * A version of an enclave or a module, and how current it is.
     *
     * @param isvSvn the least version it is about, 16 bits
     * @param status how current
     * @param date {@code tcbDate}: platforms of this level have everything published before
     * @param advisories Intel's security advisories that are open at this level
     */
    record SvnLevel(int isvSvn, TcbStatus status, Instant date, List<String> advisories) {
        /** Copies the advisories. */
        public SvnLevel {
            advisories = List.copyOf(advisories);
        }
    }

    /**
     * Reads either of them.
     *
     * @param text hostile bytes
     * @return TCB info, an enclave identity, or nothing where it is neither
     * @throws MalformedException if it is one of them by its outer field and breaks its form
     */
    static Optional<SignedJson> parse(byte[] text) throws MalformedException {
        JsonValue.Obj outer = JsonValue.object("JSON", text);
        if (outer.find("tcbInfo").isPresent()) {
            return Optional.of(TcbInfo.parse(text, outer));
        }
        return outer.find("enclaveIdentity").isPresent() ? Optional.of(EnclaveIdentity.parse(text, outer)) : Optional.empty();
    }

    /** The inner value, of which the outer object has nothing beside but the signature. */
    static JsonValue.Obj inner(JsonValue.Obj outer, String name) throws MalformedException {
        if (outer.fields().size() != 2) {
            throw new MalformedException(name, outer.start(), "expected " + name + " and signature, found other fields");
        }
        return outer.object(name);
    }

    /** The bytes in which a value stands. */
    static Bytes slice(byte[] text, JsonValue value) {
        return Bytes.of(Arrays.copyOfRange(text, value.start(), value.end()));
    }

    /** A time in ISO 8601, UTC. */
    static Instant time(JsonValue.Obj object, String name) throws MalformedException {
        String text = object.text(name);
        try {
            if (text.length() <= 32) {
                return Instant.parse(text);
            }
        } catch (DateTimeException e) {
            // Falls through to the refusal.
        }
        throw new MalformedException(name, object.start(), "expected a time such as 2026-01-31T00:00:00Z");
    }

    /** A status among those that have a meaning here. */
    static TcbStatus status(JsonValue.Obj object, List<TcbStatus> known) throws MalformedException {
        return TcbStatus.of(object.text("tcbStatus"))
                .filter(known::contains)
                .orElseThrow(() -> new MalformedException("tcbStatus", object.start(), "expected one of " + known));
    }

    /** Advisories, of which there may be none. */
    static List<String> advisories(JsonValue.Obj object) throws MalformedException {
        if (object.find("advisoryIDs").isEmpty()) {
            return List.of();
        }
        List<String> found = new ArrayList<>();
        for (JsonValue each : object.array("advisoryIDs", MAX_ITEMS)) {
            if (!(each instanceof JsonValue.Text text) || !Patterns.ADVISORY.matcher(text.value()).matches()) {
                throw new MalformedException("advisoryIDs", each.start(), "expected names such as INTEL-SA-00001");
            }
            found.add(text.value());
        }
        return found;
    }

    /** Levels of an enclave or a module, the newest first; at least one, no version twice. */
    static List<SvnLevel> levels(JsonValue.Obj object, List<TcbStatus> known) throws MalformedException {
        List<SvnLevel> found = new ArrayList<>();
        for (JsonValue each : object.array("tcbLevels", MAX_ITEMS)) {
            JsonValue.Obj level = asObject("tcbLevels", each);
            found.add(new SvnLevel(
                    (int) level.object("tcb").integer("isvsvn", 0, 0xffff),
                    status(level, known),
                    time(level, "tcbDate"),
                    advisories(level)));
        }
        found.sort((one, other) -> Integer.compare(other.isvSvn(), one.isvSvn()));
        boolean twice = false;
        for (int i = 1; i < found.size(); i++) {
            twice |= found.get(i - 1).isvSvn() == found.get(i).isvSvn();
        }
        if (found.isEmpty() || twice) {
            throw new MalformedException("tcbLevels", object.start(), "expected at least one level, and no version twice");
        }
        return found;
    }

    /** An item of an array that must be an object. */
    static JsonValue.Obj asObject(String name, JsonValue value) throws MalformedException {
        if (value instanceof JsonValue.Obj object) {
            return object;
        }
        throw new MalformedException(name, value.start(), "expected JSON objects");
    }

    /** Patterns, compiled once. */
    final class Patterns {
        private static final Pattern ADVISORY = Pattern.compile("[A-Za-z0-9._-]{1,64}");

        private Patterns() {}
    }
}
