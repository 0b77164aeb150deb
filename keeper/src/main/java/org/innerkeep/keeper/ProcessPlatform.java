package org.innerkeep.keeper;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * What this machine and this user give to enclaves on the platform {@code process}, found out by trying it. Immutable.
 *
 * @param findings one for each thing that an enclave can be protected by
 */
public record ProcessPlatform(List<Finding> findings) {
    /** The heap that is asked about, which is the default of bundles. */
    private static final long USUAL_HEAP_BYTES = 256L << 20;

    /**
     * One thing that an enclave can be protected by.
     *
     * @param name where there is such a claim in reports, its name
     * @param given whether enclaves get it here
     * @param explanation what it is worth, or why it is not given and what would change that; without line breaks
     */
    public record Finding(String name, boolean given, String explanation) {
        /** Checks that nothing is null. */
        public Finding {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(explanation, "explanation");
        }
    }

    /** Copies the list. */
    public ProcessPlatform {
        findings = List.copyOf(findings);
    }

    /**
     * Looks at this machine as the current user.
     *
     * @return what a keeper that this user starts can give
     * @throws IOException if this is no Linux, or its {@code /proc} cannot be read
     */
    public static ProcessPlatform look() throws IOException {
        return of(Abilities.find(), Users.canSwitch(Capabilities.own()));
    }

    static ProcessPlatform of(Abilities abilities, boolean ownUsers) {
        List<Finding> findings = new ArrayList<>();
        findings.add(
                ownUsers
                        ? new Finding("separate-users", true, "each enclave has a user of its own")
                        : new Finding("separate-users", false, "enclaves share the keeper's user, who can read them; default trust"
                                + " refuses them: run the keeper as root ('innerkeep keeper install')"));
        findings.add(finding(
                "namespaces",
                why(abilities, Confining::noNamespaces),
                "each enclave has a network of its own with nothing in it, and sees no process and no file of the machine but what it"
                        + " runs from"));
        findings.add(finding(
                "landlock",
                why(abilities, Confining::noLandlock),
                "enclaves can read their own code and the system's libraries, and can write no file"));
        findings.add(finding(
                "seccomp",
                why(abilities, Confining::noCallList),
                "enclaves can make only the system calls on a list"));
        String secretHeap = abilities.noSecretHeap(USUAL_HEAP_BYTES).orElse("");
        findings.add(finding(
                "secret-heap",
                secretHeap.isEmpty() || abilities.noHeapFilter().isPresent()
                        ? secretHeap
                        : secretHeap + "; until then heaps are ordinary memory and reports say so, and bundles that demand a secret heap"
                                + " are refused",
                "Java heaps are in memory that no dump, no swap and no read of another process's memory has; root can still have code"
                        + " run inside an enclave"));
        findings.add(new Finding(
                "memory-readable-by",
                ownUsers,
                ownUsers
                        ? "root of this machine" + (secretHeap.isEmpty() ? ", of heaps only by running code inside the enclave" : "")
                        : "this user and root of this machine"));
        return new ProcessPlatform(findings);
    }

    private static String why(Abilities abilities, Function<Confining, Optional<String>> reason) {
        return abilities.confining().map(confining -> reason.apply(confining).orElse("")).orElse(abilities.noHeapFilter().orElse(""));
    }

    private static Finding finding(String name, String lacks, String worth) {
        return new Finding(name, lacks.isEmpty(), lacks.isEmpty() ? worth : lacks);
    }
}
