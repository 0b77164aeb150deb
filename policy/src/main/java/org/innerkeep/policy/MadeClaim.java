package org.innerkeep.policy;

import java.util.Optional;
import java.util.Set;
import org.innerkeep.policy.tree.Property;

/** What a claim that a rule makes may be: rules speak for themselves, never for the service. */
final class MadeClaim {
    /** Names that have a meaning in every token (RFC 7519 section 4.1, RFC 7800, RFC 9711). */
    private static final Set<String> REGISTERED =
            Set.of("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "nonce", "dbgstat", "intuse");

    private static final Set<String> VALUE_TYPES = Set.of("String", "Integer", "Boolean");

    /**
     * What is wrong with an argument.
     *
     * @param expected what may stand there
     * @param hint what to do
     */
    record Fault(String expected, String hint) {}

    private MadeClaim() {}

    /** What is wrong with an argument other than the value, whatever the claims are. */
    static Optional<Fault> fault(Property property, String text) {
        return switch (property) {
            case TYPE -> typeFault(text);
            case VALUE -> Optional.empty();
            case VALUE_TYPE ->
                VALUE_TYPES.contains(text)
                        ? Optional.empty()
                        : Optional.of(new Fault(
                                "\"String\", \"Integer\" or \"Boolean\"",
                                "leave 'valueType' out: the value has its own"));
            case ISSUER ->
                text.equals(Issuer.ATTESTATION_POLICY.text())
                        ? Optional.empty()
                        : Optional.of(new Fault(
                                "\"AttestationPolicy\"",
                                "leave 'issuer' out: what a rule makes is the policy's, and nobody else's"));
        };
    }

    private static Optional<Fault> typeFault(String type) {
        if (type.isEmpty() || type.length() > Limits.MAX_TYPE) {
            return Optional.of(new Fault("a name of 1 to " + Limits.MAX_TYPE + " characters", "give the claim a name"));
        }
        return Optional.empty();
    }

    /** Whether a name says something in a token which only the service can know. */
    static boolean reserved(String type) {
        return REGISTERED.contains(type)
                || type.startsWith("x-ms-")
                || type.startsWith("eat_")
                || type.startsWith("tdx_");
    }
}
