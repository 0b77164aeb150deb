package org.innerkeep.policy;

/** How an evaluation ends. Only {@link #PERMIT} is acceptance. */
public enum Outcome {
    /** A rule permitted and none denied. */
    PERMIT,
    /** A rule denied; whether others permitted does not matter. */
    DENY,
    /** No rule permitted. */
    NO_PERMIT,
    /** A rule could not be evaluated, or a limit was reached. */
    ERROR
}
