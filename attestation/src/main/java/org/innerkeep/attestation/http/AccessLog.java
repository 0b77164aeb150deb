package org.innerkeep.attestation.http;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.innerkeep.attestation.json.StrictJson;

/**
 * A line of JSON for each request: what was asked for and what came of it. Never evidence, a body, a header, a token or the text of a
 * fault that could hold one of these.
 */
final class AccessLog {
    private static final StrictJson JSON = StrictJson.upTo(1 << 16);

    private final Logger logger;

    AccessLog(Logger logger) {
        this.logger = logger;
    }

    void answered(String id, String operation, int status, String code, Duration took, String address, String caller) {
        if (!logger.isLoggable(Level.INFO)) {
            return;
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("event", "request");
        line.put("request", id);
        line.put("operation", operation);
        line.put("status", status);
        line.put("code", code);
        line.put("durationMicros", took.toNanos() / 1000);
        line.put("address", address);
        line.put("caller", caller);
        logger.log(Level.INFO, text(line));
    }

    /** A fault of the service: where it happened, and not what its message says, which may hold what was sent. */
    void fault(String id, RuntimeException fault) {
        StackTraceElement[] trace = fault.getStackTrace();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("event", "fault");
        line.put("request", id);
        line.put("kind", fault.getClass().getName());
        line.put("at", trace.length == 0 ? "unknown" : trace[0].toString());
        logger.log(Level.ERROR, text(line));
    }

    private static String text(Map<String, Object> line) {
        return new String(JSON.write(line), StandardCharsets.UTF_8);
    }
}
