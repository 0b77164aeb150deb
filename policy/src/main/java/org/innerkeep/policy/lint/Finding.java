package org.innerkeep.policy.lint;

import java.util.Locale;
import org.innerkeep.policy.tree.Position;

/**
 * Something that a policy's author probably does not mean.
 *
 * @param code what it is
 * @param position where
 * @param why what happens, and why that is probably not meant; what comes from the policy in it is escaped
 * @param remedy what to write
 */
public record Finding(Code code, Position position, String why, String remedy) {
    /** How much a finding matters. */
    public enum Severity {
        /** Worth a thought. */
        NOTE,
        /** Probably a mistake. */
        WARNING,
        /** It cannot do what it says, or lets through what it seems to stop. */
        ERROR
    }

    /** What is found. The names are stable; {@code docs/policy-tools.md} describes each. */
    public enum Code {
        /** A condition that no claim can fit, so that its rule never fires. */
        NEVER_FIRES(Severity.ERROR),
        /** A condition with {@code !} that always holds. */
        ALWAYS_HOLDS(Severity.ERROR),
        /** A rule needs a claim of the policy that no rule before it makes. */
        NOT_MADE(Severity.ERROR),
        /** A value of another kind than the claim has. */
        VALUE_KIND(Severity.ERROR),
        /** A value of another form than the claim has, such as hexadecimal digits in upper case. */
        VALUE_FORM(Severity.ERROR),
        /** A claim's name that this attestation type does not have. */
        UNKNOWN_CLAIM(Severity.WARNING),
        /** A setting that the verifier does not have, or of another kind. */
        UNKNOWN_SETTING(Severity.WARNING),
        /** An identifier that nothing refers to. */
        UNUSED_IDENTIFIER(Severity.NOTE),
        /** A rule that another rule makes needless. */
        COVERED_RULE(Severity.WARNING),
        /** No claims could ever be permitted. */
        NEVER_PERMITS(Severity.WARNING),
        /** Everything is permitted. */
        PERMITS_EVERYTHING(Severity.WARNING),
        /** Code of any identity is permitted. */
        PERMITS_ANY_CODE(Severity.WARNING),
        /** Debuggable code is permitted. */
        PERMITS_DEBUG(Severity.WARNING),
        /** A condition that looks at claims of every name. */
        ANY_CLAIM(Severity.ERROR),
        /** {@code !=} asks whether another value exists. */
        OTHER_VALUE(Severity.WARNING),
        /** A deny rule that does not fire if its claim is missing. */
        ABSENT_PASSES(Severity.WARNING),
        /** A condition with {@code !} that holds if its claim is missing. */
        ABSENT_PERMITS(Severity.WARNING),
        /** A rule makes a claim under a name by which verifiers say which code runs, or whether others can look into it. */
        SHADOWS_CLAIM(Severity.WARNING),
        /** A query that is no JMESPath. */
        QUERY_INVALID(Severity.ERROR),
        /** A query compares a list with null. */
        QUERY_EMPTY_LIST(Severity.ERROR),
        /** A query has {@code true}, {@code false} or {@code null} without backticks. */
        QUERY_LITERAL(Severity.ERROR),
        /** A query compares in a way that cannot be meant. */
        QUERY_COMPARISON(Severity.WARNING),
        /** A query asks for a field that the claim does not have. */
        QUERY_FIELD(Severity.ERROR);

        private final Severity severity;

        Code(Severity severity) {
            this.severity = severity;
        }

        /** {@return how much it matters} */
        public Severity severity() {
            return severity;
        }

        /** {@return its stable name, such as {@code never-fires}} */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** {@return one line for people} */
    @Override
    public String toString() {
        return position + ": " + code.text() + ": " + why + "; " + remedy;
    }
}
