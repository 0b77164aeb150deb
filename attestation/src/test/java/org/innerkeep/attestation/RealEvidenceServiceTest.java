package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.dcap.Quote;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * Evidence of real hardware through a running service, appraised for the time it was current: the one thing that only a test can set. The
 * cases stand beside the repository: {@code -Dinnerkeep.vectors=DIR} says where, {@code ../shared/vectors} unless it is given.
 */
class RealEvidenceServiceTest {
    private static final StrictJson JSON = StrictJson.upTo(4 << 20);

    @TempDir
    private Path folder;

    private record Case(String name, Path folder, ObjectNode vector) {
        static Case read(Path file) {
            try {
                ObjectNode vector = JSON.object("vector", Files.readAllBytes(file));
                return new Case(
                        vector.path("kind").stringValue() + "/" + vector.path("case").stringValue(),
                        Objects.requireNonNull(file.getParent()),
                        vector);
            } catch (IOException | MalformedException e) {
                throw new IllegalStateException(e);
            }
        }

        Instant at() {
            return Instant.parse(vector.path("verifyAt").stringValue());
        }

        Optional<Path> file(String role) {
            return Optional.ofNullable(vector.path("files").get(role)).map(name -> folder.resolve(name.stringValue()));
        }

        String expected(String field) {
            return vector.path("expect").path(field).stringValue("");
        }

        boolean mustBeAccepted() {
            // Where there is no collateral, there is no status, and nothing can be decided.
            return expected("signature").equals("valid")
                    && vector.path("expect").path("failures").isEmpty()
                    && !expected("tcbStatus").isEmpty();
        }
    }

    private static Path vectors() {
        Path root = Path.of(System.getProperty("innerkeep.root", "."));
        Path folder = root.resolve(System.getProperty("innerkeep.vectors", "../shared/vectors"));
        if (!Files.isDirectory(folder)) {
            Assumptions.abort("real evidence is missing: no folder " + folder + "; give one with -Dinnerkeep.vectors=DIR");
        }
        return folder;
    }

    private static List<Case> cases(String kind) throws IOException {
        try (Stream<Path> files = Files.walk(vectors().resolve(kind), 2)) {
            return files.filter(file -> file.endsWith("vector.json")).sorted().map(Case::read).toList();
        }
    }

    @TestFactory
    Stream<DynamicTest> realQuotesAreAttestedOrRefusedAsTheyMustBe() throws IOException {
        List<Case> sgx = cases("sgx-dcap-v3").stream().filter(each -> each.expected("bodyType").equals("sgx")).toList();
        List<Case> tdx = cases("tdx-v4");
        assertThat(sgx).isNotEmpty();
        assertThat(tdx).isNotEmpty();
        return Stream.concat(
                sgx.stream().map(each -> dynamicTest(each.name(), () -> check(each, "SgxEnclave"))),
                tdx.stream().map(each -> dynamicTest(each.name(), () -> check(each, "TdxVm"))));
    }

    /** Every document of a case but the quote and the anchor is an endorsement, found by what it is. */
    private void check(Case each, String type) throws IOException, MalformedException {
        Path quote = each.file("quote").orElseThrow();
        Path place = Files.createTempDirectory(folder, "case");
        Path endorsements = Files.createDirectories(place.resolve("endorsements"));
        try (Stream<Path> files = Files.list(each.folder())) {
            for (Path file : files.filter(found -> !found.equals(quote) && !found.endsWith("vector.json")).toList()) {
                Files.copy(file, endorsements.resolve(file.getFileName()));
            }
        }
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("endorsements", endorsements.toString());
        // One store and one signing key for all cases: to make a key takes longer than all the rest.
        settings.put("folder", folder.resolve("state").toString());
        Optional<Path> anchor = Stream.of("trustAnchor", "rootCa", "root").flatMap(role -> each.file(role).stream()).findFirst();
        anchor.ifPresent(file -> settings.put("root-intel", pem(place, file)));
        byte[] evidence = Files.readAllBytes(quote);
        try (Rig rig = Rig.start(place, settings, each::at)) {
            Rig.Answer answer = rig.attest(type, Map.of("quote", Rig.base64(evidence)));

            if (!each.mustBeAccepted()) {
                assertThat(answer.status()).as(each.name()).isNotEqualTo(200);
                assertThat(answer.code()).isIn("InvalidParameter", "EndorsementsUnavailable");
                return;
            }
            ObjectNode claims = answer.claims();
            assertThat(claims.path("innerkeep").path("tcb-status").stringValue()).isEqualTo(each.expected("tcbStatus"));
            if (type.equals("SgxEnclave")) {
                assertThat(claims.path("x-ms-sgx-mrenclave").stringValue()).isEqualTo(each.expected("mrEnclave"));
                assertThat(claims.path("x-ms-sgx-is-debuggable").booleanValue())
                        .isEqualTo(each.vector().path("expect").path("debug").booleanValue());
            } else {
                assertThat(claims.path("tdx_report_data").stringValue()).isEqualTo(reportData(evidence));
                assertThat(claims.path("attester_tcb_status").stringValue()).isEqualTo(each.expected("tcbStatus"));
            }
        }
    }

    private static String reportData(byte[] quote) throws MalformedException {
        return Quote.parse(quote).body().reportData().hex();
    }

    private static String pem(Path place, Path certificate) {
        try {
            byte[] bytes = Files.readAllBytes(certificate);
            if (new String(bytes, StandardCharsets.ISO_8859_1).startsWith("-----")) {
                return certificate.toString();
            }
            Path pem = place.resolve("anchor.pem");
            Files.writeString(pem, Pem.block("CERTIFICATE", bytes));
            return pem.toString();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
