package org.innerkeep.evidence.tpm;

import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * A quote with its signature, of which nothing is verified.
 *
 * @param label its place in the evidence, such as {@code quote}
 * @param quote what was read
 * @param message the bytes that are signed
 * @param signature TPMT_SIGNATURE, or a bare RSA signature
 */
public record SignedQuote(String label, TpmQuote quote, Bytes message, Bytes signature) {
    /**
     * Reads a quote: TPMS_ATTEST, or the same behind its length (TPM2B_ATTEST).
     *
     * @param label its place in the evidence
     * @param quote hostile bytes
     * @param signature hostile bytes, read later, as their form depends on the key
     * @return the quote
     * @throws MalformedException if the quote is anything else
     */
    public static SignedQuote parse(String label, Bytes quote, Bytes signature) throws MalformedException {
        byte[] message = TpmQuote.unwrapped(quote);
        return new SignedQuote(label, TpmQuote.parse(message), Bytes.of(message), signature);
    }
}
