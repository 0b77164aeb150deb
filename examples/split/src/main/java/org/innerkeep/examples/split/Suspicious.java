package org.innerkeep.examples.split;

/**
 * A payment that somebody should look at.
 *
 * @param id of the payment
 * @param score from 0 to 100
 */
public record Suspicious(String id, int score) {}
