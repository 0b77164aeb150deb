package org.innerkeep.cli.leakcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.channel.keeper.PlatformService.SealingKeyRequest;
import org.innerkeep.channel.keeper.PlatformService.SealingPolicy;
import org.innerkeep.cli.leakcheck.AttackedEnclaves.Attacked;
import org.innerkeep.client.Client;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.keeper.SealingKeys;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What comes into an enclave must not leave copies outside its heap on the way: what clients confide in sessions, and the
 * sealing keys
 * that come from the keeper. The same enclave with an ordinary heap is the control.
 */
@Timeout(180)
final class OutsideTheHeapIT {
    private static final int ROWS = 1000;
    private static final int OPENING_MILLIS = 5000;
    private static final int NONCE_BYTES = 12;
    private static final int AES_256_WORDS = 8;

    @TempDir
    private Path temp;

    private final SecureRandom random = new SecureRandom();

    @Test
    void neitherWhatClientsConfideNorSealingKeysLieOutsideASecretHeap() throws Exception {
        try (AttackedEnclaves enclaves = AttackedEnclaves.open(temp);
                Attacked ordinary = enclaves.start(false);
                Attacked secret = enclaves.start(true)) {
            if (!AttackedEnclaves.hasSecretMemory(secret.pid())) {
                Assumptions.abort("this machine gives no secret memory: 'innerkeep platforms' says why");
            }
            ScanReport control = new Scan(workedWith(enclaves, ordinary)).of(List.of(new Place.Memory("control", ordinary.pid())));
            control.requireFound(List.of(Form.TEXT_ROW, Form.KEY_RAW));

            ScanReport report = new Scan(workedWith(enclaves, secret)).of(Place.process("enclave", secret.pid()));

            assertThat(report.totalFound()).as(report.render()).isZero();
            assertThat(report.bytesRead()).isGreaterThan(8 << 20);
            assertThat(report.unreadParts()).as(report.render()).isZero();
            assertThat(report.closedBytes()).isGreaterThanOrEqualTo(24 << 20);
        }
    }

    /** What is left of a key on its way is soon overwritten, so the search is made while the same key comes again and again. */
    @Test
    void aSealingKeyLeavesNoCopyWhileItComes() throws Exception {
        try (AttackedEnclaves enclaves = AttackedEnclaves.open(temp);
                Attacked secret = enclaves.start(true)) {
            if (!AttackedEnclaves.hasSecretMemory(secret.pid())) {
                Assumptions.abort("this machine gives no secret memory: 'innerkeep platforms' says why");
            }
            byte[] sealed = secret.holding().seal();
            Needles.Builder needles = Needles.builder();
            addKey(needles, "sealing key", sealingKey(enclaves, sealed));
            Scan scan = new Scan(needles.build());
            AtomicInteger opened = new AtomicInteger();
            Thread opening = Thread.ofVirtual().start(() -> opened.set(secret.holding().unseal(sealed, OPENING_MILLIS)));
            int scans = 0;
            do {
                ScanReport report = scan.of(List.of(new Place.Memory("enclave", secret.pid())));
                assertThat(report.totalFound()).as(report.render()).isZero();
                scans++;
            } while (opening.isAlive());
            opening.join();

            assertThat(opened.get()).as("it was opened").isGreaterThan(10);
            assertThat(scans).as("and searched meanwhile").isGreaterThan(1);
        }
    }

    /** Lets the enclave work with secrets made for it, and gives what to look for. */
    private Needles workedWith(AttackedEnclaves enclaves, Attacked attacked) throws Exception {
        Needles.Builder needles = Needles.builder();
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            StringBuilder row = new StringBuilder("patient-" + Long.toHexString(random.nextLong()));
            for (int field = 0; field < 6; field++) {
                row.append(',').append(random.nextInt(20_001, 99_999) / 1000.0);
            }
            rows.add(row.toString());
            needles.row("patient", i + 1, row.toString());
        }
        byte[] key = new byte[32];
        random.nextBytes(key);
        try (Client client = enclaves.connect(attacked)) {
            assertThat(client.bind(Confiding.class).confide(rows, key)).isGreaterThan(ROWS);
        }
        addKey(needles, "confided key", key);
        addKey(needles, "sealing key", sealingKey(enclaves, attacked.holding().seal()));
        return needles.build();
    }

    /** A key, its halves, for memory that is given back loses its beginning first, and its round keys as a Java program or the processor's instructions would keep them. */
    private static void addKey(Needles.Builder needles, String name, byte[] key) {
        needles.key(name, key);
        needles.key(name + " first half", Arrays.copyOf(key, key.length / 2));
        needles.key(name + " second half", Arrays.copyOfRange(key, key.length / 2, key.length));
        int[] words = AesSchedule.expand(key);
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            for (int at = order == ByteOrder.BIG_ENDIAN ? AES_256_WORDS : 0; at < words.length; at += 4) {
                ByteBuffer round = ByteBuffer.allocate(16).order(order);
                for (int i = 0; i < 4; i++) {
                    round.putInt(words[at + i]);
                }
                needles.key(name + " round " + at / 4 + " " + order, round.array());
            }
        }
    }

    /** Derives the key of a sealed value as the keeper does, and proves it by opening the value. */
    private static byte[] sealingKey(AttackedEnclaves enclaves, byte[] sealed) throws Exception {
        CborReader reader = new CborReader(sealed);
        reader.arrayOf("sealed value", 6);
        reader.integer("purpose", 1, 1);
        reader.integer("policy of the signer", 1, 1);
        long version = reader.integer("security version", 1, 1);
        Confinement confinement = Confinement.ofBits(reader.integer("confinement", 0, 255));
        byte[] salt = reader.bytes("salt", 32, 32);
        byte[] head = Arrays.copyOf(sealed, reader.offset());
        byte[] ciphertext = reader.bytes("ciphertext", 16, 1024);
        Bytes digest = Bytes.sha256(new byte[0]);
        for (KeeperReport.Isolation isolation : KeeperReport.Isolation.values()) {
            KeeperReport identity = new KeeperReport(
                    KeeperReport.PROCESS,
                    KeeperReport.processMeasurement(KeeperReport.PROCESS, digest, digest, digest),
                    digest, digest, digest, enclaves.signer(), 1, version, false, isolation, confinement,
                    Bytes.of(new byte[16]), Bytes.of(new byte[64]), Instant.now());
            byte[] key = SealingKeys.derive(
                    enclaves.sealingRoot(), identity, Runtime.version().feature(),
                    new SealingKeyRequest(SealingPolicy.SIGNER, version, confinement.bits(), salt));
            if (opens(key, head, ciphertext)) {
                return key;
            }
        }
        throw new AssertionError("no key of this keeper opens what its enclave sealed");
    }

    private static boolean opens(byte[] key, byte[] head, byte[] ciphertext) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, new byte[NONCE_BYTES]));
        cipher.updateAAD(head);
        try {
            return cipher.doFinal(ciphertext).length == 64;
        } catch (AEADBadTagException e) {
            return false;
        }
    }
}
