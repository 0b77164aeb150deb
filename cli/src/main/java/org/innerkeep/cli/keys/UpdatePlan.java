package org.innerkeep.cli.keys;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * What becomes of the grants of a key when one version of an enclave takes the place of another. A grant is never loosened by it:
 * what takes its place says the same of platform, memory, keepers, job, time, uses, lease, debug and policy.
 *
 * @param steps grants that are replaced
 * @param notes what an owner should know of others
 * @param refusals why it cannot be done; then nothing is
 */
record UpdatePlan(List<Step> steps, List<String> notes, List<String> refusals) {
    /**
     * One grant.
     *
     * @param old that is revoked
     * @param others that are given for it at the same moment, the one for the new version first
     */
    record Step(HeldGrant old, List<ObjectNode> others) {}

    /**
     * Between which versions.
     *
     * @param from the version that runs until now
     * @param to the one that takes its place
     * @param overlap until when the old one gets keys too; nothing where it gets none from now on
     */
    record Change(Version from, Version to, Optional<Instant> overlap) {}

    /**
     * Plans.
     *
     * @param grants of the key, those that hold
     * @param change between which versions
     * @param chosen ids of the grants that it is about; all that name the old version if there are none
     */
    static UpdatePlan of(List<HeldGrant> grants, Change change, Set<String> chosen) {
        List<Step> steps = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        List<String> refusals = new ArrayList<>();
        for (HeldGrant each : grants) {
            if (!chosen.isEmpty() && !chosen.contains(each.id())) {
                continue;
            }
            boolean both = each.bySigner() && change.to().svn() == change.from().svn() && each.names(change.to());
            if (!each.names(change.from())) {
                other(each, change.to()).ifPresent(chosen.isEmpty() ? notes::add : refusals::add);
            } else if (both) {
                notes.add("grant " + each.id() + " goes by the security version, which is " + change.to().svn() + " in both: it permits"
                        + " the new version already, and cannot be taken from the old one alone. Have the new one signed with a higher"
                        + " version, or grant measurements");
            } else {
                Optional<String> refusal = refusal(each, change);
                refusal.ifPresent(refusals::add);
                if (refusal.isEmpty()) {
                    steps.add(step(each, change));
                }
            }
        }
        for (String id : chosen) {
            if (steps.stream().noneMatch(each -> each.old().id().equals(id)) && refusals.isEmpty() && notes.isEmpty()) {
                refusals.add("grant " + id + ": it does not hold, or names neither version");
            }
        }
        return new UpdatePlan(List.copyOf(steps), List.copyOf(notes), List.copyOf(refusals));
    }

    /** What there is to say of a grant that does not name the old version; of one for other code nothing. */
    private static Optional<String> other(HeldGrant grant, Version to) {
        if (grant.names(to)) {
            return Optional.of("grant " + grant.id() + " names the new version already, and not the old one");
        }
        return grant.bySigner()
                ? Optional.empty()
                : Optional.of("grant " + grant.id() + " names neither version, by what they measure to here; where they run with another"
                        + " JDK build, say what they measure to there with --old-measurement and --measurement");
    }

    private static Optional<String> refusal(HeldGrant grant, Change change) {
        if (!grant.bySigner() && change.to().measurement().isEmpty()) {
            return Optional.of("grant " + grant.id() + " goes by measurement, and what the new version measures to is not known here: say"
                    + " it with --measurement");
        }
        if (change.to().debug() && !grant.acceptsDebug()) {
            return Optional.of("grant " + grant.id() + " accepts no enclave that can be debugged, and an update loosens no grant: give"
                    + " another with 'innerkeep keys grant --allow-debug', if you must");
        }
        if (change.overlap().isPresent() && grant.left().isPresent()) {
            return Optional.of("grant " + grant.id() + " bounds its uses, which two versions cannot share: leave --overlap out, or give"
                    + " two grants by 'innerkeep keys grant'");
        }
        return Optional.empty();
    }

    private static Step step(HeldGrant grant, Change change) {
        List<ObjectNode> others = new ArrayList<>(List.of(grant.insteadOf(change.from(), change.to())));
        change.overlap().ifPresent(end -> others.add(grant.until(end)));
        return new Step(grant, List.copyOf(others));
    }
}
