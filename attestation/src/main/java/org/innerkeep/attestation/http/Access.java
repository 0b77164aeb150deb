package org.innerkeep.attestation.http;

/** What a caller must be allowed to; each includes those before it. */
enum Access {
    /** Nothing. */
    ANYONE,
    /** To read policies and their signers. */
    READER,
    /** To set them, as far as the service's mode lets anyone. */
    CONTRIBUTOR
}
