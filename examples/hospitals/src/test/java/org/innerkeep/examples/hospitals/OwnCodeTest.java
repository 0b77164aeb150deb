package org.innerkeep.examples.hospitals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.util.List;
import org.innerkeep.channel.job.JobCode;
import org.innerkeep.enclave.EnclaveIdentity;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;
import org.junit.jupiter.api.Test;

/** For which jobs an enclave takes itself. */
class OwnCodeTest {
    private static final Bytes SIGNER = digest(1);
    private static final Bytes RUNTIME = digest(2);
    private static final Measurement MEASUREMENT = Measurement.parse("sha-256:" + digest(3).hex());
    private static final OwnCode OWN = Fixtures.ownCode(SIGNER, RUNTIME, MEASUREMENT);

    private static Bytes digest(int seed) {
        return Bytes.sha256(new byte[] {(byte) seed});
    }

    private static boolean is(Bytes signer, long product, long svn, List<Bytes> runtimes, List<Measurement> measurements)
            throws IOException {
        return OWN.is(new JobCode(signer, product, svn, runtimes, measurements));
    }

    @Test
    void takesAJobForItsSignerProductAndVersionOrAnOlderOne() throws Exception {
        assertThat(is(SIGNER, 7, 2, List.of(), List.of())).isTrue();
        assertThat(is(SIGNER, 7, 1, List.of(), List.of())).isTrue();
        assertThat(is(SIGNER, 7, 2, List.of(digest(9), RUNTIME), List.of(MEASUREMENT))).isTrue();
    }

    @Test
    void refusesAJobForOtherCode() throws Exception {
        assertThat(is(digest(9), 7, 2, List.of(), List.of())).as("another signer").isFalse();
        assertThat(is(SIGNER, 8, 2, List.of(), List.of())).as("another product").isFalse();
        assertThat(is(SIGNER, 7, 3, List.of(), List.of())).as("a newer version").isFalse();
        assertThat(is(SIGNER, 7, 2, List.of(digest(9)), List.of())).as("another runtime").isFalse();
        assertThat(is(SIGNER, 7, 2, List.of(), List.of(Measurement.parse("sha-256:" + digest(9).hex()))))
                .as("another measurement")
                .isFalse();
    }

    @Test
    void whatThePlatformDoesNotTellIsNeverTakenForAgreement() {
        EnclaveIdentity identity = new EnclaveIdentity("process", MEASUREMENT, SIGNER, 7, 2, false);
        OwnCode untold = new OwnCode(identity, () -> {
            throw new IOException("gone");
        });

        assertThatIOException().isThrownBy(() -> untold.is(new JobCode(SIGNER, 7, 2, List.of(RUNTIME), List.of())));
    }
}
