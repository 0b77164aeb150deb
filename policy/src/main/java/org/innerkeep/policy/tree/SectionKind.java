package org.innerkeep.policy.tree;

/** The sections of a policy, in the order in which they stand and run. */
public enum SectionKind {
    /** Settings for the verifier, before evidence is appraised; since version 1.1. */
    CONFIGURATION("configurationrules"),
    /** Permits or denies. */
    AUTHORIZATION("authorizationrules"),
    /** Says what goes into the token. */
    ISSUANCE("issuancerules");

    private final String text;

    SectionKind(String text) {
        this.text = text;
    }

    /**
     * As policies write it.
     *
     * @return such as {@code issuancerules}
     */
    public String text() {
        return text;
    }
}
