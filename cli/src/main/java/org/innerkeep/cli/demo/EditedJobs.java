package org.innerkeep.cli.demo;

import java.math.BigDecimal;
import java.security.SecureRandom;
import java.util.List;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobCode;
import org.innerkeep.channel.job.JobDraft;
import org.innerkeep.channel.job.JobException;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.channel.job.JobParameter;
import org.innerkeep.channel.job.JobRecipient;

/** What an operator may make of the agreed job: each differs from it in one thing. */
final class EditedJobs {
    private final Job agreed;

    EditedJobs(Job agreed) {
        this.agreed = agreed;
    }

    /** The operator may read the results too. */
    Job oneRecipientMore() throws JobException {
        String name = "operator";
        while (agreed.recipient(name).isPresent()) {
            name += "-";
        }
        try (Identity identity = Identity.generate(new SecureRandom())) {
            return new JobDraft(agreed)
                    .recipient(new JobRecipient(name, identity.recipient().toString()))
                    .toJob();
        }
    }

    Job oneRoundMore() throws JobException {
        JobParameter more = agreed.parameters().get("rounds") instanceof JobParameter.Decimal(BigDecimal rounds)
                ? new JobParameter.Decimal(rounds.add(BigDecimal.ONE))
                : JobParameter.number("1");
        return new JobDraft(agreed).parameter("rounds", more).toJob();
    }

    Job withoutLastOwner() throws JobException {
        return with(agreed.code(), agreed.owners().subList(0, agreed.owners().size() - 1));
    }

    /** In the first owner's name it has the last one's vault and file, as it could have the operator's and a made-up one. */
    Job anothersVaultForFirst() throws JobException {
        String owner = agreed.owners().getFirst().name();
        String other = agreed.owners().getLast().name();
        JobDraft draft = new JobDraft(agreed);
        for (String part : List.of("vault.", "key.", "file.")) {
            JobParameter anothers = agreed.parameters().get(part + other);
            if (anothers == null) {
                throw new IllegalStateException("no vault of " + other);
            }
            draft.parameter(part + owner, anothers);
        }
        return draft.toJob();
    }

    /** An enclave takes no job that names other code than it is, so for an older version the operator must edit it. */
    Job forOlderCode() throws JobException {
        JobCode code = agreed.code();
        return with(
                new JobCode(code.signer(), code.product(), code.minSvn() - 1, code.runtimes(), code.measurements()),
                agreed.owners());
    }

    /** The same for another Java runtime. */
    Job onAnyRuntime() throws JobException {
        JobCode code = agreed.code();
        return with(
                new JobCode(code.signer(), code.product(), code.minSvn(), List.of(), code.measurements()), agreed.owners());
    }

    private Job with(JobCode code, List<JobOwner> owners) throws JobException {
        JobDraft draft = new JobDraft(agreed.name(), code, agreed.columns(), agreed.label())
                .minimumRecords(agreed.minimumRecords());
        agreed.parameters().forEach(draft::parameter);
        owners.forEach(draft::owner);
        agreed.recipients().forEach(draft::recipient);
        return draft.toJob();
    }
}
