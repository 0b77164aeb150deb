package org.innerkeep.channel.job;

/**
 * One owner of data.
 *
 * @param name 1 to 64 of a-z, 0-9 and '-', not beginning with '-'
 * @param key the key with which the owner signs its release
 */
public record JobOwner(String name, OwnerKey key) {
    /** Checks the name. */
    public JobOwner {
        Words.name(name);
    }
}
