package org.innerkeep.channel.job;

/**
 * Somebody who may read results.
 *
 * @param name 1 to 64 of a-z, 0-9 and '-', not beginning with '-'; an owner who receives has the same name here
 * @param recipient an age recipient, {@code age1pq1…} or {@code age1…}, to which results are sealed
 */
public record JobRecipient(String name, String recipient) {
    /** Checks the name and the shape of the recipient. */
    public JobRecipient {
        Words.name(name);
        Words.recipient(recipient);
    }
}
