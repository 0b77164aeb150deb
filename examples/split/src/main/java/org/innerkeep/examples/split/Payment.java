package org.innerkeep.examples.split;

import org.innerkeep.channel.call.Confidential;

/**
 * A payment of a bank's customer. The operator must not see it, and not which merchant it goes to either.
 *
 * @param id the bank's own number
 * @param merchant the merchant's number
 * @param country two letters, where it is made
 * @param cents how much, in hundredths
 */
@Confidential
public record Payment(String id, String merchant, String country, long cents) {}
