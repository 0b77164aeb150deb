package org.innerkeep.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each benchmark and each peer once, so that a change of the product cannot break them unnoticed. What needs a keeper is left
 * to {@code bench/run}: it needs jars, and the tests of {@code cli} start enclaves enough.
 */
class BenchmarksTest {
    @Test
    void sealingAndTheBareCipherTakeTheSameBytes() throws Exception {
        Sealing sealing = new Sealing();
        long bytes = (long) Sealing.MEBIBYTES << 20;
        assertThat(sealing.seal()).isEqualTo(bytes);
        assertThat(sealing.unseal()).isEqualTo(bytes);
        assertThat(sealing.sealByAll()).isEqualTo(bytes);
        assertThat(sealing.unsealByAll()).isEqualTo(bytes);
        assertThat(sealing.encryptByAll()).hasSize(Runtime.getRuntime().availableProcessors());
        assertThat(sealing.decryptByAll()).hasSize(Runtime.getRuntime().availableProcessors());
        assertThat(sealing.encrypt()).isNotEmpty();
        assertThat(sealing.decrypt()).isNotEmpty();
    }

    @Test
    void emptyFilesOfBothKindsOpenToNothing() throws Exception {
        SealingHeader header = new SealingHeader();
        assertThat(header.sealHybrid().length).isGreaterThan(header.sealClassic().length + 1000);
        assertThat(header.unsealHybrid()).isEmpty();
        assertThat(header.unsealClassic()).isEmpty();
    }

    @Test
    void scanReadsAllAndFindsNothing() throws Exception {
        LeakScan scan = new LeakScan();
        try {
            assertThat(scan.scan().bytesRead()).isEqualTo(scan.readOnly());
        } finally {
            scan.delete();
        }
    }

    @Test
    void verificationAcceptsTheEvidenceAndTheBareSignature() throws Exception {
        Verification verification = new Verification();
        assertThat(verification.evidence().claims().platform()).isEqualTo("process");
        assertThat(verification.signatureOnly()).isTrue();
    }

    @Test
    void aMessageEncryptedIsTheMessageDecrypted() throws Exception {
        AesGcm cipher = new AesGcm(64);
        cipher.fill();
        assertThat(cipher.encrypt()).isNotEqualTo(cipher.encrypt());
        assertThat(cipher.decrypt()).isEqualTo(Message.of(64));
    }

    @Test
    void bothCodecsGiveTheSameRecord() throws Exception {
        RecordCodec codec = new RecordCodec();
        assertThat(codec.decode()).isEqualTo(codec.decodeByHand());
        assertThat(codec.encode()).isNotEmpty();
        assertThat(codec.encodeByHand()).isNotEmpty();
    }

    @Test
    void medianAndRatioAreThoseOfTheRuns(@TempDir Path folder) throws Exception {
        Figure ours = Figure.median(new double[] {9, 1, 4}, "s");
        assertThat(ours).isEqualTo(new Figure(4, 4, "s"));
        Comparison comparison = new Comparison("ours", ours).with("peer \"x\"", new Figure(2, Double.NaN, "s"));
        Report report = new Report(true);
        report.add(comparison);
        report.skip("age");
        assertThat(report.table()).contains("4.00 ± 4.00 s").contains("2.00 s  2.00×").contains("SKIPPED: age");
        Path json = folder.resolve("results.json");
        report.write(json);
        assertThat(Files.readString(json)).contains("\"name\": \"peer \\\"x\\\"\"").contains("\"ratio\": 2.0").contains("\"error\": null");
    }
}
