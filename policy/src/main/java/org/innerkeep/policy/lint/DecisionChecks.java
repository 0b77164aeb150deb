package org.innerkeep.policy.lint;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.innerkeep.policy.Shown;
import org.innerkeep.policy.lint.Finding.Code;
import org.innerkeep.policy.lint.KnownClaim.Role;
import org.innerkeep.policy.tree.Action;
import org.innerkeep.policy.tree.Comparison;
import org.innerkeep.policy.tree.Expression;
import org.innerkeep.policy.tree.Operator;
import org.innerkeep.policy.tree.Property;
import org.innerkeep.policy.tree.Rule;
import org.innerkeep.policy.tree.Section;
import org.innerkeep.policy.tree.SectionKind;

/** What is wrong with the authorization rules together: what they let through, and what they never do. */
final class DecisionChecks {
    private final Context context;
    private final List<Rule> rules;
    private final List<Rule> permits;
    private final List<Rule> denies;

    DecisionChecks(Context context) {
        this.context = context;
        this.rules = context.policy().tree().rules(SectionKind.AUTHORIZATION);
        this.permits = rules.stream().filter(rule -> rule.action() instanceof Action.Permit && !dead(rule)).toList();
        this.denies = rules.stream().filter(rule -> rule.action() instanceof Action.Deny && !dead(rule)).toList();
    }

    void check() {
        List<Rule> effective = permits.stream().filter(permit -> denies.stream().noneMatch(deny -> covers(deny, permit))).toList();
        if (effective.isEmpty()) {
            context.policy().tree().section(SectionKind.AUTHORIZATION).map(Section::position).ifPresent(position -> context.add(
                    Code.NEVER_PERMITS, position, permits.isEmpty() ? "no rule can permit, so every attestation fails"
                            : "whatever a rule permits another denies, so every attestation fails",
                    permits.isEmpty() ? "write a rule with '=> permit();'" : "remove the rule that denies, or narrow it"));
            return;
        }
        covered();
        effective.forEach(this::permitsTooMuch);
        denies.forEach(this::absentPasses);
    }

    private static List<Facts> facts(Rule rule) {
        return rule.conditions().stream().map(Facts::new).toList();
    }

    private static boolean dead(Rule rule) {
        return facts(rule).stream().anyMatch(each -> !each.condition().negated() && each.contradiction().isPresent());
    }

    /** Whether the first fires wherever the second does. Rules between them that add claims can make a difference, so then it is not sure. */
    private boolean covers(Rule first, Rule second) {
        int one = rules.indexOf(first);
        int two = rules.indexOf(second);
        boolean adds = rules.subList(Math.min(one, two), Math.max(one, two)).stream()
                .anyMatch(rule -> rule.action() instanceof Action.Make || rule.action() instanceof Action.Forward);
        return (first.conditions().isEmpty() || !adds)
                && facts(first).stream().allMatch(wanted -> facts(second).stream().anyMatch(each -> each.implies(wanted)));
    }

    private void covered() {
        for (List<Rule> alike : List.of(permits, denies)) {
            for (Rule rule : alike) {
                // Of two that are the same, the second is the needless one.
                alike.stream()
                        .filter(other -> !other.equals(rule) && covers(other, rule))
                        .filter(other -> !covers(rule, other) || other.position().compareTo(rule.position()) < 0)
                        .findFirst()
                        .ifPresent(other -> context.add(Code.COVERED_RULE, rule.position(), "this rule makes no difference: the one at "
                                + other.position() + " fires wherever this one does", "remove one of them"));
            }
        }
    }

    private void permitsTooMuch(Rule permit) {
        if (permit.conditions().isEmpty() && denies.isEmpty()) {
            context.add(Code.PERMITS_EVERYTHING, permit.position(), "everything that can be verified is permitted: any code, by anyone,"
                    + " debuggable or not", "name whose code or which code may run, or leave this to whoever reads the token and say so");
            return;
        }
        if (Stream.concat(Stream.of(permit), denies.stream()).anyMatch(this::looksAtUnknown)) {
            return;
        }
        if (!requires(permit, Role.IDENTITY) && denies.stream().noneMatch(deny -> mentions(deny, Role.IDENTITY))) {
            context.add(Code.PERMITS_ANY_CODE, permit.position(), "no condition is on which code runs or whose it is, so any code is"
                    + " permitted", "add a condition on " + identityClaims());
        }
        if (denies.stream().noneMatch(deny -> mentions(deny, Role.DEBUG)) && !requires(permit, Role.DEBUG) && hasDebug()) {
            context.add(Code.PERMITS_DEBUG, permit.position(), "no condition is on debugging, so code that others can look into is permitted",
                    "add a condition such as [type==" + Shown.quoted(debugClaim()) + ", value==false]");
        }
        facts(permit).stream().filter(each -> role(each) == Role.DEBUG && !each.condition().negated() && asksForDebug(each)).findFirst()
                .ifPresent(each -> context.add(Code.PERMITS_DEBUG, each.condition().position(),
                        "only code that others can look into is permitted here", "write value==false"));
    }

    private static boolean asksForDebug(Facts facts) {
        return facts.comparisons(Property.VALUE).stream().anyMatch(each -> each.operator() == Operator.EQUAL
                && each.expression() instanceof Expression.Bool flag && flag.value());
    }

    /** Whether a condition is on claims of which nothing is known here, such as those that rules make. */
    private boolean looksAtUnknown(Rule rule) {
        return facts(rule).stream().anyMatch(each -> each.type().isEmpty()
                || context.makes(each.type().get())
                || context.known().find(each.type().get()).isEmpty());
    }

    private Role role(Facts facts) {
        return facts.type().flatMap(context.known()::find).map(KnownClaim::role).orElse(Role.OTHER);
    }

    private boolean requires(Rule rule, Role role) {
        return facts(rule).stream().anyMatch(each -> !each.condition().negated() && each.looksAtValue() && role(each) == role);
    }

    private boolean mentions(Rule rule, Role role) {
        return facts(rule).stream().anyMatch(each -> role(each) == role);
    }

    /** The types that the policy can be for: the one that was said, or those that have every claim it looks at. */
    private Set<AttestationType> types() {
        return Stream.of(AttestationType.values())
                .filter(each -> context.type().isEmpty() || context.type().get() == each)
                .filter(each -> rules.stream().flatMap(rule -> facts(rule).stream()).flatMap(facts -> facts.type().stream())
                        .allMatch(name -> context.known().find(name).isEmpty() || context.known().has(name, Optional.of(each))))
                .collect(Collectors.toSet());
    }

    private boolean hasDebug() {
        Set<AttestationType> types = types();
        return !types.isEmpty() && types.stream().allMatch(each -> each != AttestationType.TPM && each != AttestationType.VBS
                && each != AttestationType.AZURE_VM);
    }

    private String debugClaim() {
        Set<AttestationType> types = types();
        if (types.size() != 1) {
            return "debug";
        }
        return switch (types.iterator().next()) {
            case SGX -> "x-ms-sgx-is-debuggable";
            case SEV_SNP -> "x-ms-sevsnpvm-is-debuggable";
            case TDX -> "tdx_td_attributes_debug";
            case AZURE_VM, TPM, VBS -> "debug";
        };
    }

    private String identityClaims() {
        Set<AttestationType> types = types();
        if (types.size() != 1) {
            return "\"measurement\" or \"signer\"";
        }
        return switch (types.iterator().next()) {
            case SGX -> "\"x-ms-sgx-mrenclave\" or \"x-ms-sgx-mrsigner\"";
            case SEV_SNP -> "\"x-ms-sevsnpvm-launchmeasurement\" or \"x-ms-sevsnpvm-hostdata\"";
            case TDX -> "\"tdx_mrtd\" and \"tdx_rtmr0\" to \"tdx_rtmr3\"";
            case AZURE_VM -> "\"x-ms-azurevm-vmid\"";
            case TPM -> "\"aikPubHash\" or what \"events\" says";
            case VBS -> "\"enclaveAuthorId\" and \"enclaveImageId\"";
        };
    }

    /** A deny rule about a claim that may be missing stops nobody who leaves it out. */
    private void absentPasses(Rule deny) {
        for (Facts facts : facts(deny)) {
            if (facts.condition().negated() || facts.type().isEmpty() || !facts.looksAtValue()) {
                continue;
            }
            String type = facts.type().get();
            boolean always = context.known().find(type).filter(claim -> claim.always()
                    && context.type().map(claim.types()::contains).orElse(true)).isPresent();
            boolean required = permits.stream().allMatch(permit -> facts(permit).stream()
                    .anyMatch(each -> !each.condition().negated() && each.type().equals(facts.type())));
            boolean deniedIfAbsent = denies.stream().flatMap(other -> facts(other).stream())
                    .anyMatch(each -> each.condition().negated() && each.type().equals(facts.type()));
            if (!always && !required && !deniedIfAbsent) {
                context.add(Code.ABSENT_PASSES, facts.condition().position(), "this rule denies nothing if there is no claim "
                        + Shown.quoted(type) + ", and no rule that permits asks for it", "ask for the right value in each rule that permits: [type=="
                        + Shown.quoted(type) + ", value==" + contrary(facts) + "]");
            }
        }
    }

    private static String contrary(Facts facts) {
        return facts.comparisons(Property.VALUE).stream().map(Comparison::expression)
                .filter(Expression.Bool.class::isInstance)
                .map(each -> Boolean.toString(!((Expression.Bool) each).value())).findFirst().orElse("…");
    }
}
