package org.innerkeep.cli.vectors;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.innerkeep.evidence.Bytes;

/**
 * What the published file holds now. ECDSA signatures differ each time they are made, so a recorded one is kept as long as it
 * is a valid signature of exactly what is signed now; the file then stays the same, and one that was changed does not.
 */
record Recorded(Object root) {
    private static final int SIGNATURE_BYTES = 64;

    /** The text at a path of member names and, in lists, names of entries. */
    Optional<String> text(String... path) {
        Object found = root;
        for (String step : path) {
            found = step(found, step);
        }
        return found instanceof String text && !text.isEmpty() ? Optional.of(text) : Optional.empty();
    }

    private static Object step(Object from, String name) {
        return switch (from) {
            case Map<?, ?> map when map.get(name) != null -> map.get(name);
            case List<?> list -> list.stream()
                    .filter(each -> each instanceof Map<?, ?> entry && name.equals(entry.get("name")))
                    .findFirst()
                    .map(Object.class::cast)
                    .orElse("");
            default -> "";
        };
    }

    /**
     * Keeps what is recorded where only its signature, the last 64 bytes, differs from what was made now and is valid.
     *
     * @param made just now
     * @param valid whether the signature of recorded bytes is
     * @param path where it is recorded
     */
    Bytes keep(Bytes made, Predicate<Bytes> valid, String... path) {
        return text(path)
                .filter(hex -> hex.matches("([0-9a-f]{2})*"))
                .map(Bytes::fromHex)
                .filter(recorded -> recorded.length() == made.length() && unsigned(recorded).equals(unsigned(made)))
                .filter(valid)
                .orElse(made);
    }

    private static String unsigned(Bytes bytes) {
        return bytes.hex().substring(0, 2 * Math.max(0, bytes.length() - SIGNATURE_BYTES));
    }
}
