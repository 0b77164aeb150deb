package org.innerkeep.endorsements;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.innerkeep.endorsements.IntelPcs.Version;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements.Answer;
import org.innerkeep.evidence.Need;
import org.innerkeep.makers.Authority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class IntelPcsTest {
    private static final Authority ROOT = Made.authority("Intel SGX Root CA");
    private static final Authority SIGNING = Made.authority("Intel SGX TCB Signing");
    private static final Authority PLATFORM = Made.authority("Intel SGX PCK Platform CA");
    private static final Need.TcbInfo INFO = new Need.TcbInfo(Need.Tee.TDX, Bytes.fromHex("90c06f000000"));

    private final LocalService service = new LocalService();

    @AfterEach
    void close() {
        service.close();
    }

    private IntelPcs pccs(Version version) {
        return IntelPcs.pccs(service.client, service.address(), version, Limits.DEFAULT);
    }

    @Test
    void tcbInfoComesWithItsIssuers() {
        service.on(
                "/tdx/certification/v4/tcb?fmspc=90C06F000000&update=standard",
                Map.of("TCB-Info-Issuer-Chain", Made.header(SIGNING, ROOT)),
                Made.text("{\"tcbInfo\":{}}").toArray());
        IntelPcs pcs = pccs(Version.standard());
        assertThat(pcs.find(INFO)).isEqualTo(new Answer(List.of(Made.text("{\"tcbInfo\":{}}"), SIGNING.der(), ROOT.der()), List.of()));
        // They are kept for when they are asked for by name.
        assertThat(pcs.find(Made.certificateOf(SIGNING)).documents()).containsExactly(SIGNING.der());
        assertThat(pcs.find(Made.certificateOf(ROOT)).documents()).containsExactly(ROOT.der());
        assertThat(service.asked).hasSize(1);
    }

    @Test
    void everyVersionIsAskedForAsIntelHasIt() {
        pccs(Version.unspecified()).find(INFO);
        pccs(Version.early()).find(new Need.TcbInfo(Need.Tee.SGX, INFO.fmspc()));
        pccs(Version.evaluation(18)).find(new Need.EnclaveIdentity(Need.Tee.TDX));
        pccs(Version.unspecified()).find(new Need.EnclaveIdentity(Need.Tee.SGX));
        assertThat(service.asked).containsExactly(
                "/tdx/certification/v4/tcb?fmspc=90C06F000000",
                "/sgx/certification/v4/tcb?fmspc=90C06F000000&update=early",
                "/tdx/certification/v4/qe/identity?tcbEvaluationDataNumber=18",
                "/sgx/certification/v4/qe/identity");
        assertThatIllegalArgumentException().isThrownBy(() -> Version.evaluation(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Version.Query("a=b&c=d"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain", "sgx-enclave-identity-issuer-chain"})
    void issuersComeInAnyOfTheHeadersAndSpellings(String header) {
        String chain = Made.header(SIGNING);
        for (String spelling : List.of(chain, chain.replace("%20", "+"), chain.replace("%2B", "+"), chain.replace("%2F", "%2f"))) {
            service.on("/sgx/certification/v4/qe/identity", Map.of(header, spelling), Made.text("{}").toArray());
            assertThat(pccs(Version.unspecified()).find(new Need.EnclaveIdentity(Need.Tee.SGX)).documents())
                    .containsExactly(Made.text("{}"), SIGNING.der());
        }
    }

    @Test
    void brokenIssuersAreLeftOut() {
        for (String broken : List.of("%", "%zz", "-----BEGIN CERTIFICATE-----", Made.header(SIGNING).replace("M", "A"), "x".repeat(60_000))) {
            service.on("/sgx/certification/v4/qe/identity", Map.of("SGX-Enclave-Identity-Issuer-Chain", broken), Made.text("{}").toArray());
            assertThat(pccs(Version.unspecified()).find(new Need.EnclaveIdentity(Need.Tee.SGX)).documents())
                    .containsExactly(Made.text("{}"));
        }
    }

    @Test
    void revocationListsAreFoundByTheirIssuer() {
        Authority processor = Made.authority("Intel SGX PCK Processor CA");
        Bytes platform = Made.list(PLATFORM);
        service.on("/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
                Map.of("SGX-PCK-CRL-Issuer-Chain", Made.header(PLATFORM, ROOT)), platform.toArray());
        // A caching service gives hexadecimal text.
        service.on("/sgx/certification/v4/pckcrl?ca=processor&encoding=der", Made.list(processor).hex());
        service.on("/sgx/certification/v4/rootcacrl", Made.list(ROOT).hex() + "\n");
        IntelPcs pcs = pccs(Version.standard());
        assertThat(pcs.find(Made.listOf(PLATFORM)).documents()).containsExactly(platform, PLATFORM.der(), ROOT.der());
        assertThat(pcs.find(Made.listOf(processor)).documents()).hasSize(1);
        assertThat(pcs.find(Made.listOf(ROOT)).documents()).hasSize(1);
    }

    @Test
    void theRootsListIsWhereItWasConfigured() {
        service.on("/IntelSGXRootCA.der", Map.of(), Made.list(ROOT).toArray());
        IntelPcs pcs = IntelPcs.at(
                service.client, service.address(), URI.create(service.at("/IntelSGXRootCA.der")), Version.standard(), Limits.DEFAULT);
        assertThat(pcs.find(Made.listOf(ROOT)).problems()).isEmpty();
        assertThat(service.asked).containsExactly("/IntelSGXRootCA.der");
    }

    @Test
    void anAuthorityOverPlatformsComesWithItsList() {
        service.on("/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
                Map.of("SGX-PCK-CRL-Issuer-Chain", Made.header(PLATFORM, ROOT)), Made.list(PLATFORM).toArray());
        assertThat(pccs(Version.standard()).find(Made.certificateOf(PLATFORM)).documents()).containsExactly(PLATFORM.der());
    }

    @Test
    void answersOfAnotherFormAreProblems() {
        for (String body : List.of("<html>", "[]", "3082", "zz", "0", "30")) {
            service.on("/sgx/certification/v4/qe/identity", body);
            service.on("/sgx/certification/v4/rootcacrl", body.equals("3082") ? "31820000" : body);
            assertProblem(pccs(Version.unspecified()).find(new Need.EnclaveIdentity(Need.Tee.SGX)));
            if (!body.equals("30")) {
                assertProblem(pccs(Version.unspecified()).find(Made.listOf(ROOT)));
            }
        }
        assertProblem(pccs(Version.unspecified()).find(INFO));
    }

    private static void assertProblem(Answer answer) {
        assertThat(answer.documents()).isEmpty();
        assertThat(answer.problems()).singleElement().asString().matches("[ -~]+");
    }

    @Test
    void whatIsNotIntelsIsNotAskedFor() {
        IntelPcs pcs = pccs(Version.standard());
        for (Need need : List.of(
                new Need.Vcek("Milan", Bytes.of(new byte[64]), Bytes.of(new byte[8])),
                new Need.Vlek("Milan", Bytes.of(new byte[8])),
                new Need.AmdChain("Milan", false),
                new Need.ChainOf("GPU"),
                new Need.TokenKeys("https://service.example"),
                new Need.TcbInfo(Need.Tee.SGX, Bytes.of(new byte[5])),
                Made.listOf(Made.authority("Somebody")),
                Made.certificateOf(Made.authority("Somebody")),
                new Need.RevocationList(Bytes.of(new byte[] {1}), "no name"),
                new Need.IssuerCertificate(Bytes.of(new byte[] {1}), "no name"))) {
            assertThat(pcs.find(need)).isEqualTo(new Answer(List.of(), List.of()));
        }
        assertThat(service.asked).isEmpty();
    }
}
