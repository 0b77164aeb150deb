package org.innerkeep.policy;

import org.innerkeep.policy.tree.Operator;

/**
 * What an expression came to: a set of values in order. Empty if it came to nothing.
 *
 * @param values the values
 * @param readOnly whether a read-only claim is in them
 */
record Values(DistinctValues values, boolean readOnly) {
    static Values of(ClaimValue only, boolean readOnly) {
        return new Values(DistinctValues.of(only), readOnly);
    }

    /** What a comparison comes to. */
    enum Fit {
        YES,
        NO,
        /** An order was asked of something that has none. */
        NO_ORDER
    }

    /** Compares one value with this set: it fits if it fits any of the set. */
    Fit fits(ClaimValue found, Operator operator) {
        return switch (operator) {
            case EQUAL -> fit(values.contains(found));
            // Any of several different values differs from whatever is found.
            case NOT_EQUAL -> fit(values.size() > 1 || (values.size() == 1 && !values.contains(found)));
            case LESS, AT_MOST, GREATER, AT_LEAST -> ordered(found, operator);
        };
    }

    private Fit ordered(ClaimValue found, Operator operator) {
        if (!(found instanceof ClaimValue.Int number)) {
            return Fit.NO_ORDER;
        }
        boolean any = false;
        for (ClaimValue each : values.list()) {
            if (!(each instanceof ClaimValue.Int wanted)) {
                return Fit.NO_ORDER;
            }
            any |= switch (operator) {
                case LESS -> number.value() < wanted.value();
                case AT_MOST -> number.value() <= wanted.value();
                case GREATER -> number.value() > wanted.value();
                case AT_LEAST -> number.value() >= wanted.value();
                case EQUAL, NOT_EQUAL -> throw new AssertionError(operator);
            };
        }
        return fit(any);
    }

    private static Fit fit(boolean yes) {
        return yes ? Fit.YES : Fit.NO;
    }

    /** How many values are looked at in one comparison. */
    int cost(Operator operator) {
        return operator.ordering() ? Math.max(1, values.size()) : 1;
    }
}
