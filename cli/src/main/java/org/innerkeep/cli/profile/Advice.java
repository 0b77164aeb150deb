package org.innerkeep.cli.profile;

import java.util.List;

/**
 * One thing to change, or to leave as it is.
 *
 * @param code which rule gives it
 * @param about the method, the jar or the setting
 * @param what what to do, one sentence
 * @param because the figures that gave rise to it
 * @param saves an estimate of what it would save
 */
record Advice(Code code, String about, String what, List<String> because, String saves) {
    /** The rules. */
    enum Code {
        BATCH_CALLS,
        PASS_DATA_IN,
        FILTER_INSIDE,
        MOVE_OUT,
        SMALLER_HEAP,
        TIME_IS_INSIDE
    }

    Advice {
        because = List.copyOf(because);
    }
}
