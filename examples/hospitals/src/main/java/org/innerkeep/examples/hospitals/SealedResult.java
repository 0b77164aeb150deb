package org.innerkeep.examples.hospitals;

/**
 * What came out for one recipient.
 *
 * @param recipient the recipient's name in the job
 * @param result a {@link Result}, sealed to the recipient; an age file
 * @param statement the enclave's signed statement about the result; the same for every recipient
 */
public record SealedResult(String recipient, byte[] result, byte[] statement) {}
