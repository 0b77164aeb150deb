package org.innerkeep.channel.call;

import java.io.Serial;

/**
 * A type cannot be carried, or an interface cannot be offered. The message names the place by its path, as in {@code
 * FraudScoring.score(payment).at}, the type found there and what to use in its place.
 */
public final class UncarriableTypeException extends IllegalArgumentException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final String path;

    UncarriableTypeException(String path, String problem) {
        super(path + ": " + problem);
        this.path = path;
    }

    /** {@return where, from the interface down to the component} */
    public String path() {
        return path;
    }
}
