package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.internal.Chain;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.Verification;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Endorsements at hand: what is taken, how it is found again, and long chains of certificates. */
class PoolTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final KeyPair KEYS = Authority.ecKeys("secp256r1");
    private static final KeyPair OTHER_KEYS = Authority.ecKeys("secp256r1");
    private static final Authority ROOT = Authority.root("C=US,O=Some,CN=Root", KEYS, "SHA256withECDSA", NOW);
    private static final Authority MIDDLE = ROOT.below("C=US,O=Some,CN=Middle", KEYS, "SHA256withECDSA", NOW, wish -> {});
    private static final Bytes LIST = ROOT.revocationList(NOW, NOW.plusSeconds(9), BigInteger.TEN);
    private static final Bytes JSON = Bytes.of("{\"tcbInfo\":{}}".getBytes(StandardCharsets.US_ASCII));

    private static Bytes name(Authority authority) {
        return Bytes.of(authority.certificate().getSubjectX500Principal().getEncoded());
    }

    private static Bytes pem(Bytes... certificates) {
        StringBuilder text = new StringBuilder();
        for (Bytes each : certificates) {
            text.append("-----BEGIN CERTIFICATE-----\n").append(Base64.getMimeEncoder().encodeToString(each.toArray()))
                    .append("\n-----END CERTIFICATE-----\n");
        }
        return Bytes.of(text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private static void findsAll(EndorsementPool pool) {
        assertThat(pool.find(new Need.IssuerCertificate(name(ROOT), "Root")).documents()).containsExactly(ROOT.der());
        assertThat(pool.find(new Need.IssuerCertificate(name(MIDDLE), "Middle")).documents()).containsExactly(MIDDLE.der());
        assertThat(pool.find(new Need.RevocationList(name(ROOT), "Root")).documents()).containsExactly(LIST);
        assertThat(pool.find(new Need.RevocationList(name(MIDDLE), "Middle")).documents()).isEmpty();
        assertThat(pool.find(new Need.EnclaveIdentity(Need.Tee.SGX)).documents()).containsExactly(JSON);
        assertThat(pool.find(new Need.ChainOf("a GPU")).documents()).containsExactlyInAnyOrder(ROOT.der(), MIDDLE.der());
    }

    @Test
    void documentsAreFoundByWhatTheyAre() throws MalformedException {
        findsAll(EndorsementPool.of(List.of(ROOT.der(), MIDDLE.der(), LIST, JSON)));
        findsAll(EndorsementPool.of(List.of(JSON, LIST, pem(MIDDLE.der(), ROOT.der()))));
        // Twice is once, and what is nothing of these is left out.
        findsAll(EndorsementPool.of(List.of(ROOT.der(), ROOT.der(), pem(ROOT.der()), MIDDLE.der(), LIST, JSON,
                Bytes.of(new byte[] {1, 2, 3}), Bytes.EMPTY)));
    }

    @Test
    void whatIsWrittenIsWhatWasRead() throws MalformedException {
        EndorsementPool pool = EndorsementPool.of(List.of(JSON, LIST, pem(MIDDLE.der(), ROOT.der())));
        EndorsementPool again = EndorsementPool.parse(pool.toByteArray());
        findsAll(again);
        assertThat(again.toByteArray()).isEqualTo(pool.toByteArray());
    }

    @Test
    void aFolderOrAFileIsRead(@TempDir Path folder) throws IOException, MalformedException {
        Files.write(folder.resolve("a.pem"), pem(MIDDLE.der(), ROOT.der()).toArray());
        Files.write(folder.resolve("b.crl"), LIST.toArray());
        Files.write(folder.resolve("c.json"), JSON.toArray());
        Files.writeString(folder.resolve("d.txt"), "notes");
        Files.createDirectory(folder.resolve("e"));
        EndorsementPool pool = EndorsementPool.read(folder);
        findsAll(pool);
        Path file = folder.resolve("e/all");
        Files.write(file, pool.toByteArray());
        findsAll(EndorsementPool.read(file));
    }

    @Test
    void jsonWithCertificatesInsideIsJson() throws MalformedException {
        String inside = new String(pem(ROOT.der()).toArray(), StandardCharsets.US_ASCII).replace("\n", "\\n").replace("\r", "");
        Bytes json = Bytes.of(("{\"chain\":\"" + inside + "\"}").getBytes(StandardCharsets.US_ASCII));
        EndorsementPool pool = EndorsementPool.of(List.of(json));
        assertThat(pool.find(new Need.EnclaveIdentity(Need.Tee.TDX)).documents()).containsExactly(json);
    }

    @Test
    void whatBeginsAsPemAndIsNoneIsRefused() {
        Bytes cut = Bytes.of("-----BEGIN CERTIFICATE-----\nAAAA".getBytes(StandardCharsets.US_ASCII));
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> EndorsementPool.of(List.of(cut)));
    }

    /** People put evidence and endorsements into one folder, and quotes have certificates inside. */
    @Test
    void aQuoteInTheFolderIsLeftOut() throws MalformedException {
        FakeIntel intel = FakeIntel.at(NOW);
        List<Bytes> collateral = intel.collateral();
        List<Bytes> all = new ArrayList<>(collateral);
        all.add(Bytes.of(intel.sgxQuote(3, wish -> {})));

        assertThat(EndorsementPool.of(all).toByteArray()).isEqualTo(EndorsementPool.of(collateral).toByteArray());
    }

    @Test
    void listsInPemAreFoundAndKeysAreLeftOut() throws MalformedException {
        Bytes list = ROOT.revocationList(NOW.minusSeconds(9), NOW.plusSeconds(9));
        Bytes pem = Bytes.of(("-----BEGIN X509 CRL-----\n" + Base64.getMimeEncoder().encodeToString(list.toArray())
                + "\n-----END X509 CRL-----\n").getBytes(StandardCharsets.US_ASCII));
        Bytes key = Bytes.of("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n".getBytes(StandardCharsets.US_ASCII));
        Bytes name = Bytes.of(ROOT.certificate().getSubjectX500Principal().getEncoded());

        EndorsementPool pool = EndorsementPool.of(List.of(pem, key));
        assertThat(pool.find(new Need.RevocationList(name, "root")).documents()).containsExactly(list);
        Bytes cut = Bytes.of("-----BEGIN X509 CRL-----\nAAAA".getBytes(StandardCharsets.US_ASCII));
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> EndorsementPool.of(List.of(cut)));
    }

    @Test
    void aChainOfAThousandCertificatesIsRefusedInTime() throws MalformedException {
        // All of them are right, and each certifies the next by its own name: only the length is wrong.
        List<X509Certificate> chain = new ArrayList<>();
        Authority top = ROOT;
        for (int i = 0; i < 1_000; i++) {
            top = top.below("CN=Level " + i, Authority.ecKeys("secp256r1"), "SHA256withECDSA", NOW,
                    wish -> wish.authority(Optional.of(-1)));
            chain.add(top.certificate());
        }
        X509Certificate leaf = top.certify("CN=Leaf", Authority.ecKeys("secp256r1").getPublic(), NOW, wish -> {});
        assertRefused(leaf, chain);
    }

    @Test
    void aThousandCertificatesOfOneNameAreRefusedInTime() throws MalformedException {
        List<X509Certificate> chain = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            BigInteger serial = BigInteger.valueOf(i + 1);
            chain.add(Authority.root("CN=Same", OTHER_KEYS, "SHA256withECDSA", NOW, wish -> wish.serial(serial)).certificate());
        }
        Authority real = Authority.root("CN=Same", Authority.ecKeys("secp256r1"), "SHA256withECDSA", NOW);
        assertRefused(real.certify("CN=Leaf", KEYS.getPublic(), NOW, wish -> {}), chain);
    }

    private static void assertRefused(X509Certificate leaf, List<X509Certificate> others) {
        VerifierOptions options = VerifierOptions.of(new MakerRoot(Maker.INTEL, ROOT.publicKey()));
        Verification run = new Verification(Endorsements.none(), NOW, options, new Crypto(Optional.empty(), 0));
        Chain.Rules rules = new Chain.Rules("chain", options.roots(Maker.INTEL), Set.of(), Chain.Revocation.IF_AT_HAND);
        Optional<Chain> found = assertTimeout(Duration.ofSeconds(20), () -> Chain.prove(run, leaf, others, rules));
        assertThat(found.isEmpty() || run.reasons() > 0).isTrue();
        assertThat(run.reasons()).isPositive();
    }

    @Test
    void namesOfSeveralPartsConnect() throws MalformedException {
        X500Principal issuer = MIDDLE.certificate().getIssuerX500Principal();
        assertThat(issuer).isEqualTo(ROOT.certificate().getSubjectX500Principal());
    }
}
