package org.innerkeep.policy.tree;

/** What is done with a claim that a rule makes or passes on. */
public enum Verb {
    /** It becomes one of the claims that later rules see. */
    ADD("add"),
    /** As {@code add}, and it goes into the token. */
    ISSUE("issue"),
    /** As {@code add}, and it sets a property of the token or, in configuration rules, of the verifier. */
    ISSUE_PROPERTY("issueproperty");

    private final String text;

    Verb(String text) {
        this.text = text;
    }

    /**
     * As policies write it.
     *
     * @return such as {@code issue}
     */
    public String text() {
        return text;
    }
}
