package org.innerkeep.enclave.internal;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import org.innerkeep.channel.keeper.PlatformService;
import org.innerkeep.channel.keeper.RegisterRefusedException;
import org.innerkeep.channel.keeper.SealingRefusedException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.KeeperReport;

/**
 * A platform in the test's own JVM, for one enclave: signs reports and derives sealing keys by HKDF over the identity, with the
 * keeper's rule which versions may have which key. What the keeper's own derivation binds is tested in its module.
 */
final class TestPlatform implements PlatformService {
    private static final byte[] ROOT = "a sealing root of 32 bytes......".getBytes(StandardCharsets.US_ASCII);
    private static final KeyPair KEEPER = newKey();

    static final KeeperAnchor ANCHOR = KeeperAnchor.of(KEEPER.getPublic());

    private final String bundle;
    private final long version;
    private final Confinement confinement;
    private final List<Bytes> attested = new ArrayList<>();
    private final Map<String, RegisterState> registers = new HashMap<>();

    /** An enclave of the one signer and product there is, with this bundle and security version. */
    TestPlatform(String bundle, long version) {
        this(bundle, version, Confinement.NONE);
    }

    TestPlatform(String bundle, long version, Confinement confinement) {
        this.bundle = bundle;
        this.version = version;
        this.confinement = confinement;
    }

    /** Every report data that was signed, in order. */
    List<Bytes> attested() {
        return attested;
    }

    @Override
    public Launch launch() {
        return new Launch(
                new byte[16],
                "com.acme.Program",
                KeeperReport.PROCESS,
                report(Bytes.of(new byte[64])).measurement().toString(),
                digest("signer").toArray(),
                7,
                version,
                false,
                8,
                List.of("native/linux-x86_64/libscore.so", "native/linux-aarch64/libscore.so"),
                new byte[32],
                false,
                confinement.bits());
    }

    @Override
    public byte[] report(byte[] reportData) {
        attested.add(Bytes.of(reportData));
        return report(Bytes.of(reportData)).sign(KEEPER.getPrivate(), KEEPER.getPublic());
    }

    private KeeperReport report(Bytes reportData) {
        Bytes runtime = digest("runtime");
        Bytes launch = digest("launch");
        return new KeeperReport(
                KeeperReport.PROCESS,
                KeeperReport.processMeasurement(KeeperReport.PROCESS, digest(bundle), runtime, launch),
                digest(bundle),
                runtime,
                launch,
                digest("signer"),
                7,
                version,
                false,
                KeeperReport.Isolation.SEPARATE_USER,
                confinement,
                Bytes.of(new byte[16]),
                reportData,
                Instant.parse("2026-11-23T10:00:00Z"));
    }

    @Override
    public byte[] sealingKey(SealingKeyRequest request) throws SealingRefusedException {
        long asked = request.securityVersion();
        if (request.policy() == SealingPolicy.SIGNER ? asked > version : asked != version) {
            throw new SealingRefusedException(new SealingRefusedException.Detail(version, asked, List.of()));
        }
        Confinement under = Confinement.ofBits(request.confinement());
        if (!confinement.includes(under)) {
            List<String> missing = under.mechanisms().stream()
                    .filter(each -> !confinement.has(each))
                    .map(Confinement.Mechanism::toString)
                    .toList();
            throw new SealingRefusedException(new SealingRefusedException.Detail(version, asked, missing));
        }
        String bound = (request.policy() == SealingPolicy.SIGNER ? "signer 7 " + asked : "measurement " + bundle + " " + asked)
                + " under " + under;
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(ROOT)
                            .addSalt(request.salt())
                            .thenExpand(bound.getBytes(StandardCharsets.UTF_8), 32));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Optional<RegisterState> claimRegister(String name) {
        return Optional.ofNullable(registers.get(name));
    }

    @Override
    public void advanceRegister(String name, long from, RegisterState to) throws RegisterRefusedException {
        long now = claimRegister(name).map(RegisterState::version).orElse(0L);
        if (now != from) {
            throw new RegisterRefusedException(new RegisterRefusedException.Detail(
                    RegisterRefusedException.Code.MOVED_ON, "register '" + name + "' has version " + now));
        }
        registers.put(name, to);
    }

    @Override
    public void waiting() {
        throw new UnsupportedOperationException("no boundary in these tests");
    }

    static Bytes digest(String text) {
        return Bytes.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] repeated(int value, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }


    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
