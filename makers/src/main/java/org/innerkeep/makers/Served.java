package org.innerkeep.makers;

import java.util.Map;
import org.innerkeep.evidence.Bytes;

/**
 * What a maker's service answers to a request that it grants.
 *
 * @param headers of the answer, by name
 * @param body of the answer
 */
public record Served(Map<String, String> headers, Bytes body) {
    /** Copies the headers. */
    public Served {
        headers = Map.copyOf(headers);
    }

    /**
     * An answer without headers of its own.
     *
     * @param body of the answer
     */
    public Served(Bytes body) {
        this(Map.of(), body);
    }

    /**
     * The same with another body.
     *
     * @param other instead of the body
     * @return a changed copy
     */
    public Served body(Bytes other) {
        return new Served(headers, other);
    }
}
