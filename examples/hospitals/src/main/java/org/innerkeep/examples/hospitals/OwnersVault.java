package org.innerkeep.examples.hospitals;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.innerkeep.channel.job.JobDraft;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.channel.job.JobParameter;
import org.innerkeep.channel.release.VaultLocation;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.examples.hospitals.RefusedException.Reason;

/**
 * Where the enclave may ask for the key of one owner's file, while the owner is away. It stands in the job, as four parameters
 * for each owner who has a vault: {@code vault.OWNER}, address and key of the vault; {@code key.OWNER}, the name of the key
 * there; {@code file.OWNER}, SHA-256 of the sealed file in hexadecimal digits; {@code vouch.OWNER}, the owner's signature over
 * these, in hexadecimal digits. The file is named since anybody can seal one to the owner's key. It is signed since nobody
 * signs a job: whoever drafts one could name a vault of its own and a file that it made up in the owner's name.
 *
 * <p>The owner does not sign the job's digest, which covers the signature. That it agrees to this job it says to its vault,
 * with a grant for this job.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param location the vault, with its key
 * @param key the name of the key in the vault
 * @param file SHA-256 of the sealed file, 32 bytes
 */
public record OwnersVault(VaultLocation location, String key, Bytes file) {
    private static final String VAULT = "vault.";
    private static final String KEY = "key.";
    private static final String FILE = "file.";
    private static final String VOUCH = "vouch.";
    private static final String LABEL = "innerkeep hospitals vault v1";
    private static final String KEY_NAME = "[0-9a-z-]{1,127}";
    private static final int DIGEST_BYTES = 32;

    /**
     * Checks key and digest.
     *
     * @throws IllegalArgumentException if the key has no such name, or the digest another length
     */
    public OwnersVault {
        if (!key.matches(KEY_NAME) || file.length() != DIGEST_BYTES) {
            throw new IllegalArgumentException("expected the name of a key, 1 to 127 of 0-9, a-z and '-', and a digest of "
                    + DIGEST_BYTES + " bytes");
        }
    }

    /**
     * Reads what a job says of an owner, and checks that the owner's key in the job signed it.
     *
     * @param parameters the job's, hostile
     * @param owner the owner, as the job has it
     * @return the vault; nothing if the job names none
     * @throws RefusedException if the parameters are incomplete, or no vault, key or digest ({@code JOB_UNUSABLE}); if the
     *     owner's key did not sign them for this owner ({@code VAULT_NOT_VOUCHED})
     */
    public static Optional<OwnersVault> of(Map<String, JobParameter> parameters, JobOwner owner) throws RefusedException {
        String name = owner.name();
        if (Stream.of(VAULT, KEY, FILE, VOUCH).noneMatch(part -> parameters.containsKey(part + name))) {
            return Optional.empty();
        }
        OwnersVault named = named(parameters, name);
        String vouch = parameters.get(VOUCH + name) instanceof JobParameter.Text(String value) ? value : "";
        if (!vouch.matches("[0-9a-f]{128}")) {
            throw RefusedException.of(Reason.VAULT_NOT_VOUCHED, "parameter " + VOUCH + name
                    + ": expected the owner's signature over vault, key and file, 128 lower-case hexadecimal digits");
        }
        if (!owner.key().verify(named.toBeSigned(name), Bytes.fromHex(vouch).toArray())) {
            throw RefusedException.of(Reason.VAULT_NOT_VOUCHED, "parameter " + VOUCH + name
                    + ": the key of this owner did not sign the vault, key and file that the job names for it;"
                    + " another wrote or changed them, and the owner must vouch for them");
        }
        return Optional.of(named);
    }

    private static OwnersVault named(Map<String, JobParameter> parameters, String owner) throws RefusedException {
        String digest = text(parameters, FILE + owner);
        String key = text(parameters, KEY + owner);
        if (!digest.matches("[0-9a-f]{64}") || !key.matches(KEY_NAME)) {
            throw RefusedException.of(Reason.JOB_UNUSABLE, "parameters " + KEY + owner + ", " + FILE + owner
                    + ": expected the name of a key, and 64 lower-case hexadecimal digits");
        }
        try {
            return new OwnersVault(VaultLocation.of(URI.create(text(parameters, VAULT + owner))), key, Bytes.fromHex(digest));
        } catch (IllegalArgumentException e) {
            throw RefusedException.of(Reason.JOB_UNUSABLE, "parameter " + VAULT + owner + ": " + e.getMessage());
        }
    }

    private static String text(Map<String, JobParameter> parameters, String name) throws RefusedException {
        if (parameters.get(name) instanceof JobParameter.Text(String value)) {
            return value;
        }
        throw RefusedException.of(Reason.JOB_UNUSABLE, "parameter " + name + ": expected a text");
    }

    /** Whether a parameter is about a vault, and not about the training. */
    static boolean names(String parameter) {
        return parameter.startsWith(VAULT)
                || parameter.startsWith(KEY)
                || parameter.startsWith(FILE)
                || parameter.startsWith(VOUCH);
    }

    /**
     * What an owner signs when it writes its part of a job, so that nobody else can write that part.
     *
     * @param owner the owner's name in the job
     * @return a deterministic CBOR array of a label, the owner's name, the vault's address and key, the key's name and the
     *     file's digest
     */
    public byte[] toBeSigned(String owner) {
        return new CborWriter()
                .array(5)
                .text(LABEL)
                .text(owner)
                .text(location.toString())
                .text(key)
                .bytes(file.toArray())
                .toByteArray();
    }

    /**
     * Names the vault in a job.
     *
     * @param draft the job
     * @param owner the owner's name
     * @param vouch the owner's signature over {@link #toBeSigned}, 64 bytes
     */
    public void addTo(JobDraft draft, String owner, Bytes vouch) {
        draft.parameter(VAULT + owner, new JobParameter.Text(location.toString()));
        draft.parameter(KEY + owner, new JobParameter.Text(key));
        draft.parameter(FILE + owner, new JobParameter.Text(file.hex()));
        draft.parameter(VOUCH + owner, new JobParameter.Text(vouch.hex()));
    }
}
