package org.innerkeep.endorsements;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements.Answer;
import org.innerkeep.evidence.Need;
import org.innerkeep.makers.Authority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class AmdKdsTest {
    private static final Authority ARK = Made.authority("ARK-Genoa");
    private static final Authority ASK = Made.authority("SEV-Genoa");
    private static final Authority ASVK = Made.authority("SEV-VLEK-Genoa");

    private final LocalService service = new LocalService();
    private final AmdKds kds = AmdKds.at(service.client, service.address(), Limits.DEFAULT);

    @AfterEach
    void close() {
        service.close();
    }

    @Test
    void aChipsCertificateIsAskedForByTheReportedTcb() {
        String milan = "/vcek/v1/Milan/" + "ab".repeat(64) + "?blSPL=3&teeSPL=0&snpSPL=22&ucodeSPL=213";
        service.on(milan, Map.of(), ARK.der().toArray());
        Bytes chip = Bytes.fromHex("ab".repeat(64));
        assertThat(kds.find(new Need.Vcek("Milan", chip, Bytes.fromHex("03000000000016d5"))).documents()).containsExactly(ARK.der());
        kds.find(new Need.Vcek("Turin", Bytes.fromHex("0123456789abcdef"), Bytes.fromHex("010203040000004a")));
        assertThat(service.asked).containsExactly(
                milan, "/vcek/v1/Turin/0123456789abcdef?fmcSPL=1&blSPL=2&teeSPL=3&snpSPL=4&ucodeSPL=74");
    }

    @Test
    void aProductsChainComesAsItsCertificates() {
        service.on("/vcek/v1/Genoa/cert_chain", Made.pem(ASK, ARK));
        service.on("/vlek/v1/Genoa/cert_chain", Made.pem(ASVK, ARK));
        assertThat(kds.find(new Need.AmdChain("Genoa", false)).documents()).containsExactly(ASK.der(), ARK.der());
        assertThat(kds.find(new Need.AmdChain("Genoa", true)).documents()).containsExactly(ASVK.der(), ARK.der());
        assertThat(kds.find(Made.certificateOf(ASK)).documents()).containsExactly(ASK.der());
        assertThat(kds.find(Made.certificateOf(ARK)).documents()).containsExactly(ARK.der());
        assertThat(kds.find(Made.certificateOf(ASVK)).documents()).containsExactly(ASVK.der());
    }

    @Test
    void theRootHasTwoLists() {
        service.on("/vcek/v1/Genoa/crl", Map.of(), Made.list(ARK).toArray()).on("/vlek/v1/Genoa/crl", Map.of(), Made.list(ARK).toArray());
        Answer both = kds.find(Made.listOf(ARK));
        assertThat(both.documents()).hasSize(2);
        assertThat(both.problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"vcek, vlek", "vlek, vcek"})
    void oneOfTheTwoListsIsNone(String there, String missing) {
        service.on("/" + there + "/v1/Genoa/crl", Map.of(), Made.list(ARK).toArray());
        Answer one = kds.find(Made.listOf(ARK));
        assertThat(one.documents()).isEmpty();
        assertThat(one.problems()).singleElement().asString().contains("/" + missing + "/v1/Genoa/crl: status 404");
        service.on("/" + missing + "/v1/Genoa/crl", "<html>");
        Answer other = kds.find(Made.listOf(ARK));
        assertThat(other.documents()).isEmpty();
        assertThat(other.problems()).singleElement().asString().contains("/" + missing + "/v1/Genoa/crl: an answer that is no revocation list");
    }

    @Test
    void answersOfAnotherFormAreProblems() {
        service.on("/vcek/v1/Genoa/crl", "<html>").on("/vlek/v1/Genoa/crl", "<html>").on("/vcek/v1/Genoa/cert_chain", "<html>");
        for (Need need : List.of(Made.listOf(ARK), new Need.AmdChain("Genoa", false), Made.certificateOf(ASK))) {
            Answer answer = kds.find(need);
            assertThat(answer.documents()).isEmpty();
            assertThat(answer.problems()).isNotEmpty().allMatch(problem -> problem.matches("[ -~]+"));
        }
    }

    @Test
    void aCloudsKeyIsNotAmdsToGive() {
        Answer answer = kds.find(new Need.Vlek("Milan", Bytes.of(new byte[8])));
        assertThat(answer.documents()).isEmpty();
        assertThat(answer.problems()).singleElement().asString().contains("cloud");
    }

    @Test
    void whatIsNotAmdsIsNotAskedFor() {
        Bytes chip = Bytes.of(new byte[64]);
        Bytes tcb = Bytes.of(new byte[8]);
        for (Need need : List.of(
                new Need.Vcek("../admin", chip, tcb),
                new Need.Vcek("milan", chip, tcb),
                new Need.Vcek("Turin", chip, tcb),
                new Need.Vcek("Milan", Bytes.of(new byte[8]), tcb),
                new Need.Vcek("Milan", chip, Bytes.of(new byte[7])),
                new Need.AmdChain("Rome", false),
                new Need.TcbInfo(Need.Tee.SGX, Bytes.of(new byte[6])),
                new Need.EnclaveIdentity(Need.Tee.SGX),
                new Need.ChainOf("GPU"),
                new Need.TokenKeys("https://service.example"),
                Made.listOf(ASK),
                Made.listOf(Made.authority("Intel SGX Root CA")),
                Made.certificateOf(Made.authority("ARK-Rome")))) {
            assertThat(kds.find(need)).isEqualTo(new Answer(List.of(), List.of()));
        }
        assertThat(service.asked).isEmpty();
    }
}
