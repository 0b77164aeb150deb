package org.innerkeep.policy.tree;

/** The versions of the language. A later one has all of an earlier one. */
public enum Version {
    /** Authorization and issuance rules. */
    V1_0("1.0"),
    /** Adds configuration rules. */
    V1_1("1.1"),
    /** Adds functions and conditions that must not hold. */
    V1_2("1.2");

    private final String text;

    Version(String text) {
        this.text = text;
    }

    /**
     * As policies write it.
     *
     * @return such as {@code 1.0}
     */
    public String text() {
        return text;
    }

    /**
     * Compares versions.
     *
     * @param other the version that is needed
     * @return whether this version has all that the other has
     */
    public boolean atLeast(Version other) {
        return compareTo(other) >= 0;
    }
}
