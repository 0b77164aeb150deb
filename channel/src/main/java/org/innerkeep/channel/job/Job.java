package org.innerkeep.channel.job;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.channel.internal.json.Json;
import org.innerkeep.evidence.Bytes;

/**
 * What the owners of data agree to: which code, which columns, which parameters, whose data, and who may read results.
 * Consent is to a job and not only to code: whoever could add an owner, a recipient or a parameter afterwards could make good
 * code do harm.
 *
 * <p>Instances come from {@link #parse} only, are immutable and safe for use by several threads. Two jobs are equal if their
 * bytes are.
 */
public final class Job {
    /** Bytes of the largest job file accepted. */
    public static final int MAX_BYTES = Json.MAX_BYTES;

    private final Bytes bytes;
    private final Bytes digest;
    private final Content content;

    /** What a file says; the canonical constructor of no public type, so that only the reader makes one. */
    record Content(
            String name,
            JobCode code,
            List<String> columns,
            String label,
            Map<String, JobParameter> parameters,
            int minimumRecords,
            List<JobOwner> owners,
            List<JobRecipient> recipients) {
        Content {
            columns = List.copyOf(columns);
            parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
            owners = List.copyOf(owners);
            recipients = List.copyOf(recipients);
        }
    }

    private Job(Bytes bytes, Content content) {
        this.bytes = bytes;
        this.digest = Bytes.sha256(bytes.toArray());
        this.content = content;
    }

    /**
     * Reads a job file. Unknown fields, fields that come twice and everything else that one reader could take differently
     * from another are refused.
     *
     * @param bytes the whole file, hostile
     * @return the job
     * @throws JobException if the bytes are no job, or a job that contradicts itself
     */
    public static Job parse(byte[] bytes) throws JobException {
        byte[] own = bytes.clone();
        return new Job(Bytes.of(own), JobReader.read(own));
    }

    /** {@return the file, exactly} */
    public Bytes bytes() {
        return bytes;
    }

    /** {@return SHA-256 of the file, 32 bytes} */
    public Bytes digest() {
        return digest;
    }

    /** {@return the name, 1 to 64 of a-z, 0-9 and '-'} */
    public String name() {
        return content.name;
    }

    /** {@return the code that may do the job} */
    public JobCode code() {
        return content.code;
    }

    /** {@return the names of the columns that every owner's table has before its label, in order; at least one} */
    public List<String> columns() {
        return content.columns;
    }

    /** {@return the name of the last column, the one that is to be predicted; not among {@link #columns()}} */
    public String label() {
        return content.label;
    }

    /** {@return the parameters by name, in the order of the file} */
    public Map<String, JobParameter> parameters() {
        return content.parameters;
    }

    /** {@return the fewest records that each owner must bring, at least one} */
    public int minimumRecords() {
        return content.minimumRecords;
    }

    /** {@return the owners, at least one; names and keys are all different} */
    public List<JobOwner> owners() {
        return content.owners;
    }

    /** {@return everyone who may read results, at least one; names and recipients are all different} */
    public List<JobRecipient> recipients() {
        return content.recipients;
    }

    /**
     * Finds an owner by key.
     *
     * @param key the key
     * @return the owner who has this key, if one has
     */
    public Optional<JobOwner> owner(OwnerKey key) {
        return content.owners.stream().filter(owner -> owner.key().equals(key)).findFirst();
    }

    /**
     * Finds a recipient by name.
     *
     * @param name the name
     * @return the recipient of this name, if there is one
     */
    public Optional<JobRecipient> recipient(String name) {
        return content.recipients.stream()
                .filter(recipient -> recipient.name().equals(name))
                .findFirst();
    }

    /**
     * Explains how another job differs from this one, for a person who agreed to this one.
     *
     * @param found the other job
     * @return one line for each difference; empty if and only if the digests are equal
     */
    public List<String> differences(Job found) {
        if (equals(found)) {
            return List.of();
        }
        List<String> lines = JobDifferences.between(content, found.content);
        return lines.isEmpty() ? List.of("the same content is written differently, so that the digests differ") : lines;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Job that && bytes.equals(that.bytes);
    }

    @Override
    public int hashCode() {
        return bytes.hashCode();
    }

    @Override
    public String toString() {
        return "job " + content.name + " " + digest.shortHex();
    }
}
