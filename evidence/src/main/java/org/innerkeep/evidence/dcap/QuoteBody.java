package org.innerkeep.evidence.dcap;

import org.innerkeep.evidence.Bytes;

/** What a quote is about: an enclave or a trust domain. Parsed and not verified. */
public sealed interface QuoteBody permits SgxReport, TdReport {
    /** {@return {@code REPORTDATA}, 64 bytes, as the enclave or the trust domain gave it} */
    Bytes reportData();

    /** {@return whether whoever runs it may read or steer it from outside} */
    boolean debug();

    /** {@return the bytes that it was parsed from} */
    byte[] toByteArray();
}
