package org.innerkeep.examples.hospitals.outside;

import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.examples.hospitals.OwnersVault;
import org.innerkeep.examples.hospitals.RefusedException;
import org.innerkeep.examples.hospitals.RefusedException.Detail;
import org.innerkeep.examples.hospitals.RefusedException.Reason;

/**
 * Whether each owner vouched for the vault, key and file that a job names for it. Of the others a hospital can tell by their
 * signatures; of itself it knows more, from its own folder: a vouch of last month is signed too.
 */
final class VouchCheck {
    private VouchCheck() {}

    /**
     * This hospital's part.
     *
     * @param name its name in the job
     * @param publicKey its owner's key, base64
     * @param vouched what it vouched for and may stand in this job, by its own folder
     */
    record Own(String name, String publicKey, List<OwnersVault> vouched) {}

    /**
     * Checks.
     *
     * @param job the job, hostile
     * @param own this hospital's part
     * @return why not to agree to it; empty if everybody vouched
     */
    static Optional<Detail> refusal(Job job, Own own) {
        for (JobOwner owner : job.owners()) {
            Optional<OwnersVault> named;
            try {
                named = OwnersVault.of(job.parameters(), owner);
            } catch (RefusedException e) {
                return Optional.of(new Detail(e.reason(), owner.name() + ": " + e.detail().explanation()));
            }
            // Under another key the owner of this name is somebody else, which is for others to refuse.
            boolean ours = owner.name().equals(own.name()) && owner.key().base64().equals(own.publicKey());
            if (ours && named.isPresent() && !own.vouched().contains(named.get())) {
                return Optional.of(new Detail(Reason.VAULT_NOT_VOUCHED, owner.name() + ": the job names " + text(named.get())
                        + ", and this hospital's own folder has " + own.vouched().stream()
                                .reduce((earlier, later) -> later)
                                .map(VouchCheck::text)
                                .orElse("vouched for nothing")
                        + "; to agree to what the job names, run vouch for it again"));
            }
        }
        return Optional.empty();
    }

    private static String text(OwnersVault vault) {
        return "key " + vault.key() + " in " + vault.location() + " for the file " + vault.file();
    }
}
