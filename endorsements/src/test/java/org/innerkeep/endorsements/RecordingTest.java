package org.innerkeep.endorsements;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.makers.Authority;
import org.junit.jupiter.api.Test;

class RecordingTest {
    private static final Authority ISSUER = Made.authority("Issuer");
    private static final Bytes JSON = Made.text("{\"a\":1}");

    @Test
    void whatAnsweredAnswersAgainWithoutItsSource() throws MalformedException {
        Recording recording = new Recording(need -> switch (need) {
            case Need.RevocationList list -> new Endorsements.Answer(List.of(Made.list(ISSUER)), List.of());
            case Need.IssuerCertificate certificate -> new Endorsements.Answer(List.of(ISSUER.der(), ISSUER.der()), List.of());
            default -> new Endorsements.Answer(List.of(JSON), List.of("a problem"));
        });
        Need info = new Need.TcbInfo(Need.Tee.SGX, Bytes.of(new byte[6]));
        assertThat(recording.find(info).problems()).containsExactly("a problem");
        recording.find(info);
        recording.find(Made.listOf(ISSUER));
        recording.find(Made.certificateOf(ISSUER));

        EndorsementPool again = EndorsementPool.parse(recording.pool().toByteArray());
        assertThat(again.find(info).documents()).containsExactly(JSON);
        assertThat(again.find(Made.listOf(ISSUER)).documents()).hasSize(1);
        assertThat(again.find(Made.certificateOf(ISSUER)).documents()).containsExactly(ISSUER.der());
        assertThat(recording.complete()).isTrue();
    }

    @Test
    void keepsNoMoreThanAPoolHolds() throws MalformedException {
        Recording recording = new Recording(need -> new Endorsements.Answer(List.of(Bytes.of(new byte[9 << 20])), List.of()));
        recording.find(new Need.ChainOf("a"));
        recording.find(new Need.ChainOf("a"));
        assertThat(recording.complete()).isTrue();
        Recording many = new Recording(need -> new Endorsements.Answer(List.of(Made.text("{" + need + "}")), List.of()));
        for (int i = 0; i <= EndorsementPool.MAX_DOCUMENTS; i++) {
            many.find(new Need.ChainOf("n" + i));
        }
        assertThat(many.complete()).isFalse();
        assertThat(many.pool().find(new Need.EnclaveIdentity(Need.Tee.SGX)).documents()).hasSize(EndorsementPool.MAX_DOCUMENTS);
    }
}
