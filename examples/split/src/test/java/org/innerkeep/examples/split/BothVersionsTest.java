package org.innerkeep.examples.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.client.Client;
import org.innerkeep.examples.split.badly.BadlySplit;
import org.innerkeep.examples.split.badly.Merchants;
import org.innerkeep.examples.split.outside.BadlyOutside;
import org.innerkeep.examples.split.outside.Sample;
import org.innerkeep.examples.split.outside.WellOutside;
import org.innerkeep.examples.split.well.Reference;
import org.innerkeep.examples.split.well.WellSplit;
import org.innerkeep.testing.MockEnclaves;
import org.innerkeep.testing.RunningEnclave;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Both versions compute the same; that is all that they have to agree in. */
@Timeout(60)
class BothVersionsTest {
    private static final int LEAST = 70;

    private final Sample sample = Sample.of(300);

    /** The rule applied to plain values, with no enclave about. */
    private List<Suspicious> expected() {
        return sample.payments().stream()
                .map(each -> new Suspicious(
                        each.id(),
                        Score.of(each, Objects.requireNonNull(sample.merchants().get(each.merchant())), sample.weights())))
                .filter(each -> each.score() >= LEAST)
                .toList();
    }

    @Test
    void theOneThatIsSplitBadlyFindsWhatIsSuspicious() throws IOException {
        try (RunningEnclave enclave =
                        MockEnclaves.of(BadlySplit.class).offering(Merchants.class, BadlyOutside.merchants(sample)).start();
                Client client = enclave.connect()) {
            BadlyOutside.prepare(enclave.host(), sample);

            assertThat(BadlyOutside.find(client, sample, LEAST)).isNotEmpty().isEqualTo(expected());
        }
    }

    @Test
    void theOneThatIsSplitWellFindsTheSame() throws IOException {
        try (RunningEnclave enclave = MockEnclaves.of(WellSplit.class).start();
                Client client = enclave.connect()) {
            WellOutside.prepare(enclave.host(), sample);

            assertThat(WellOutside.find(client, sample, LEAST)).isNotEmpty().isEqualTo(expected());
        }
    }

    @Test
    void aHostThatGivesATableThatIsNoneIsRefused() throws IOException {
        try (RunningEnclave enclave = MockEnclaves.of(WellSplit.class).start()) {
            Reference reference = enclave.host().bind(Reference.class);
            for (String table : List.of("m1,2", "m1,two,true", "m".repeat(101))) {
                assertThatExceptionOfType(CallException.class)
                        .as(table)
                        .isThrownBy(() ->
                                reference.load(Map.of(), new ByteArrayInputStream(table.getBytes(StandardCharsets.US_ASCII))));
            }
        }
    }
}
