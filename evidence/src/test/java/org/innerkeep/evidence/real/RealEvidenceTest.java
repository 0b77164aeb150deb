package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Evidence of real hardware, with its endorsements, at the time it was current. The cases stand beside the repository and not in it:
 * {@code -Dinnerkeep.vectors=DIR} says where, {@code ../shared/vectors} unless it is given. The layout is {@code KIND/CASE/vector.json};
 * any set in that layout will do, and no case is named here.
 */
class RealEvidenceTest {
    private static final Map<String, RealKind> KINDS = Map.ofEntries(
            Map.entry("sgx-dcap-v3", RealDcap.KIND),
            Map.entry("tdx-v4", RealDcap.KIND),
            Map.entry("tdx-v5", RealDcap.KIND),
            Map.entry("tdx-ccel", new RealCcel()),
            Map.entry("sev-snp", new RealSnp()),
            Map.entry("azure-snp-vtpm", new RealAzure()),
            Map.entry("azure-tdx-vtpm", new RealAzure()),
            Map.entry("aws-nitro", new RealNitro()),
            Map.entry("tpm2-quote", new RealTpmQuote()),
            Map.entry("tpm2-ak-certificate", new RealAkCertificate()),
            Map.entry("tcg-event-log", new RealEventLog()),
            Map.entry("arm-cca", RealArm::checkCca),
            Map.entry("psa-token", RealArm::checkPsa),
            Map.entry("nvidia-spdm", new RealNvidia()),
            Map.entry("maa-jwt", new RealToken()),
            Map.entry("ita-jwt", new RealToken()),
            Map.entry("gcp-confidential-space-jwt", new RealToken()));

    private static final Map<String, Integer> RAN = new TreeMap<>();

    static Path folder() {
        Path root = Path.of(System.getProperty("innerkeep.root", "."));
        Path folder = root.resolve(System.getProperty("innerkeep.vectors", "../shared/vectors"));
        if (!Files.isDirectory(folder)) {
            Assumptions.abort("real evidence is missing: no folder " + folder + "; give one with -Dinnerkeep.vectors=DIR");
        }
        return folder;
    }

    /** The cases of one kind, for the tests that change them. */
    static List<RealCase> cases(String kind) {
        try (Stream<Path> files = Files.walk(folder().resolve(kind), 2)) {
            return files.filter(file -> file.endsWith("vector.json")).sorted().map(file -> RealCase.read(file.getParent())).toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @TestFactory
    Stream<DynamicTest> everyCaseGivesItsExpectedOutcome() throws IOException {
        List<Path> vectors;
        try (Stream<Path> files = Files.walk(folder(), 3)) {
            vectors = files.filter(file -> file.endsWith("vector.json")).sorted().toList();
        }
        assertThat(vectors).as("cases in %s", folder()).isNotEmpty();
        return vectors.stream().map(file -> {
            RealCase each = RealCase.read(file.getParent());
            return dynamicTest(each.name(), () -> {
                RealKind kind = KINDS.get(each.kind());
                if (kind == null) {
                    RAN.merge(each.kind() + " (left out: no verifier of this kind)", 1, Integer::sum);
                    Assumptions.abort(each.name() + ": no verifier of this kind");
                    return;
                }
                try {
                    kind.check(each);
                } catch (MalformedException e) {
                    checkUnreadable(each, e);
                }
                each.expected().assertAllTaken();
                RAN.merge(each.kind(), 1, Integer::sum);
            });
        });
    }

    /** Evidence that breaks its form is refused, so it must be one that is to be refused; what it says cannot be compared. */
    private static void checkUnreadable(RealCase each, MalformedException why) {
        assertThat(each.good()).as("%s is to be accepted, but: %s", each, why.getMessage()).isFalse();
        for (String role : List.of("quote", "report", "document", "token")) {
            each.find(role).ifPresent(bytes -> assertThat(new Verifier()
                            .verify(bytes.toArray(), Endorsements.none(), each.at(), VerifierOptions.of()))
                    .as("%s: %s", each, why.getMessage())
                    .isInstanceOf(Verdict.Refused.class));
        }
        each.expected().left().forEach(name -> each.expected().known(name, "the evidence does not parse"));
    }

    @AfterAll
    static void sayHowManyRan() {
        RAN.forEach((kind, count) -> System.out.println("real evidence: " + count + " cases of " + kind));
        System.out.println("real evidence: " + RAN.values().stream().mapToInt(Integer::intValue).sum() + " cases in all");
    }
}
