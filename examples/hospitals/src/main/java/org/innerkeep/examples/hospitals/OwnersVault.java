package org.innerkeep.examples.hospitals;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.channel.job.JobDraft;
import org.innerkeep.channel.job.JobParameter;
import org.innerkeep.channel.release.VaultLocation;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.examples.hospitals.RefusedException.Reason;

/**
 * Where the enclave may ask for the key of one owner's file, while the owner is away. It stands in the job, as three parameters
 * for each owner who has a vault: {@code vault.OWNER}, address and key of the vault; {@code key.OWNER}, the name of the key
 * there; {@code file.OWNER}, SHA-256 of the sealed file in hexadecimal digits. The file is named since anybody can seal one to
 * the owner's key.
 *
 * @param location the vault, with its key
 * @param key the name of the key in the vault
 * @param file SHA-256 of the sealed file, 32 bytes
 */
public record OwnersVault(VaultLocation location, String key, Bytes file) {
    private static final String VAULT = "vault.";
    private static final String KEY = "key.";
    private static final String FILE = "file.";

    /**
     * Reads what a job says of an owner.
     *
     * @param parameters the job's
     * @param owner the owner's name
     * @return the vault; nothing if the job names none
     * @throws RefusedException if the parameters are incomplete, or no vault, key or digest
     */
    public static Optional<OwnersVault> of(Map<String, JobParameter> parameters, String owner) throws RefusedException {
        if (!parameters.containsKey(VAULT + owner)
                && !parameters.containsKey(KEY + owner)
                && !parameters.containsKey(FILE + owner)) {
            return Optional.empty();
        }
        String digest = text(parameters, FILE + owner);
        String key = text(parameters, KEY + owner);
        if (!digest.matches("[0-9a-f]{64}") || !key.matches("[0-9a-z-]{1,127}")) {
            throw RefusedException.of(Reason.JOB_UNUSABLE, "parameters " + KEY + owner + ", " + FILE + owner
                    + ": expected the name of a key, and 64 lower-case hexadecimal digits");
        }
        try {
            return Optional.of(
                    new OwnersVault(VaultLocation.of(URI.create(text(parameters, VAULT + owner))), key, Bytes.fromHex(digest)));
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
        return parameter.startsWith(VAULT) || parameter.startsWith(KEY) || parameter.startsWith(FILE);
    }

    /**
     * Names the vault in a job.
     *
     * @param draft the job
     * @param owner the owner's name
     */
    public void addTo(JobDraft draft, String owner) {
        draft.parameter(VAULT + owner, new JobParameter.Text(location.toString()));
        draft.parameter(KEY + owner, new JobParameter.Text(key));
        draft.parameter(FILE + owner, new JobParameter.Text(file.hex()));
    }
}
