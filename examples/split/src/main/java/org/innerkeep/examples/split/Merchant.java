package org.innerkeep.examples.split;

/**
 * A merchant, as the operator's register has it. Nothing of it is a secret.
 *
 * @param id its number
 * @param complaints of a hundred payments
 * @param closed whether it trades no more
 */
public record Merchant(String id, int complaints, boolean closed) {}
