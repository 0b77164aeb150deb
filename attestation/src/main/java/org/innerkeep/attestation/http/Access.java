package org.innerkeep.attestation.http;

/** What a caller must be allowed to; each includes those before it. */
public enum Access {
    /** Nothing. */
    ANYONE,
    /** To read policies and what is set. */
    READER,
    /** To ask for what a policy then decides on, such as the release of a key. */
    USER,
    /** To set them, as far as the service's mode lets anyone. */
    CONTRIBUTOR
}
