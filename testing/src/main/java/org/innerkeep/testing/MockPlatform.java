package org.innerkeep.testing;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.keeper.PlatformService;
import org.innerkeep.channel.keeper.RegisterRefusedException;
import org.innerkeep.channel.keeper.SealingRefusedException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.keeper.SealingKeys;

/**
 * A platform of tests: signs whatever identity it is told, with platform {@code mock} in every report, and derives sealing keys as
 * a keeper does. Each instance is another machine, with keys and registers of its own. Enclaves on it are started by
 * {@link MockEnclaves}. Safe for use by several threads.
 */
public final class MockPlatform {
    private static final int ROOT_BYTES = 32;

    private final KeyPair key;
    private final byte[] sealingRoot = new byte[ROOT_BYTES];
    private final MockRegisters registers = new MockRegisters();
    private final Clock clock;

    /** A new machine, with the system's clock. */
    public MockPlatform() {
        this(Clock.systemUTC());
    }

    /**
     * A new machine.
     *
     * @param clock the time that it says it is; the host of a real enclave sets its machine's clock at will
     */
    public MockPlatform(Clock clock) {
        this.clock = clock;
        try {
            SecureRandom random = new SecureRandom();
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            key = generator.generateKeyPair();
            random.nextBytes(sealingRoot);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform provides P-256", e);
        }
    }

    /** {@return what a test pins; no trust accepts its evidence without {@code allowMock()}} */
    public KeeperAnchor anchor() {
        return KeeperAnchor.of(key.getPublic());
    }

    byte[] publicKey() {
        return key.getPublic().getEncoded();
    }

    /**
     * Signs a report, for tests of what appraises evidence.
     *
     * @param identity what it says
     * @param enclaveId 16 bytes
     * @param reportData 64 bytes
     * @return evidence
     */
    public byte[] report(MockIdentity identity, Bytes enclaveId, Bytes reportData) {
        return claims(identity, enclaveId, reportData).sign(key.getPrivate(), key.getPublic());
    }

    private KeeperReport claims(MockIdentity identity, Bytes enclaveId, Bytes reportData) {
        return new KeeperReport(
                KeeperReport.MOCK,
                identity.measurement(),
                identity.bundleDigest(),
                identity.runtimeDigest(),
                identity.launchDigest(),
                identity.signerId(),
                identity.productId(),
                identity.securityVersion(),
                identity.debug(),
                identity.isolation(),
                identity.confinement(),
                enclaveId,
                reportData,
                clock.instant().truncatedTo(ChronoUnit.SECONDS));
    }

    /** What one enclave sees of this platform. */
    final class Service implements PlatformService {
        private final MockIdentity identity;
        private final Launch launch;
        private final Runnable waiting;

        Service(MockIdentity identity, Launch launch, Runnable waiting) {
            this.identity = identity;
            this.launch = launch;
            this.waiting = waiting;
        }

        @Override
        public Launch launch() {
            return launch;
        }

        @Override
        public byte[] report(byte[] reportData) {
            return MockPlatform.this.report(identity, Bytes.of(launch.enclaveId()), Bytes.of(reportData));
        }

        @Override
        public byte[] sealingKey(SealingKeyRequest request) throws SealingRefusedException {
            KeeperReport claims = claims(identity, Bytes.of(launch.enclaveId()), Bytes.of(new byte[64]));
            return SealingKeys.derive(sealingRoot, claims, Runtime.version().feature(), request);
        }

        @Override
        public Optional<RegisterState> claimRegister(String name) throws RegisterRefusedException {
            return registers.claim(this, identity, name);
        }

        @Override
        public void advanceRegister(String name, long from, RegisterState to) throws RegisterRefusedException {
            registers.advance(this, identity, name, from, to);
        }

        @Override
        public void waiting() {
            waiting.run();
        }

        /** The enclave has ended. */
        void ended() {
            registers.release(this);
        }
    }

    static PlatformService.Launch launch(
            MockIdentity identity, String program, byte[] enclaveId, byte[] hostToken, int threads, List<String> libraries) {
        return new PlatformService.Launch(
                enclaveId,
                program,
                KeeperReport.MOCK,
                identity.measurement().toString(),
                identity.signerId().toArray(),
                identity.productId(),
                identity.securityVersion(),
                identity.debug(),
                threads,
                libraries,
                hostToken,
                // As a keeper on a production machine says; on a mock platform nothing keeps anybody out.
                true,
                identity.confinement().bits());
    }
}
