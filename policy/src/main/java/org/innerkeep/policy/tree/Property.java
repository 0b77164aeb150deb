package org.innerkeep.policy.tree;

/** The properties of a claim. */
public enum Property {
    /** Its name, text. */
    TYPE("type"),
    /** Its value: text, a whole number, true or false. */
    VALUE("value"),
    /** What its value is: {@code String}, {@code Integer} or {@code Boolean}. */
    VALUE_TYPE("valueType"),
    /** Who says it: {@code AttestationService}, {@code AttestationPolicy} or {@code CustomClaim}. */
    ISSUER("issuer");

    private final String text;

    Property(String text) {
        this.text = text;
    }

    /**
     * As policies write it.
     *
     * @return such as {@code valueType}
     */
    public String text() {
        return text;
    }
}
