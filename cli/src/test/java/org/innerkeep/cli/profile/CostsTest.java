package org.innerkeep.cli.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.channel.call.Crossing.Side;
import org.innerkeep.channel.profile.EnclaveFigures;
import org.innerkeep.channel.profile.InsideFigures;
import org.innerkeep.channel.profile.MethodFigures;
import org.innerkeep.channel.profile.ProfileService;
import org.innerkeep.channel.profile.Spread;
import org.innerkeep.cli.profile.MethodCost.Way;
import org.junit.jupiter.api.Test;

/** What two ends measured of the same calls is put together by method, and what only one told stays half known. */
final class CostsTest {
    private static Spread each(long calls, long value) {
        return new Spread(calls, calls * value, value, value);
    }

    private static MethodFigures made(String method, long nanos) {
        return new MethodFigures(
                Side.MADE, "p.Service", method, 10, 1, 2, 5, each(10, 100), each(10, 20), each(10, nanos), Spread.NONE);
    }

    private static MethodFigures served(String method, long nanos) {
        return new MethodFigures(
                Side.SERVED, "p.Service", method, 9, 0, 2, 4, each(9, 96), each(9, 24), each(9, nanos + 50), each(9, nanos));
    }

    private static EnclaveFigures figures(List<MethodFigures> outside, Optional<InsideFigures> inside) {
        return new EnclaveFigures("00".repeat(16), 1000, outside, new EnclaveFigures.Relayed(1, 1, 2, 3), inside);
    }

    private static InsideFigures inside(List<MethodFigures> host, MethodFigures... clients) {
        return new InsideFigures(host, List.of(clients), new InsideFigures.Heap(3, 2, 1));
    }

    @Test
    void bothEndsOfACallGiveWhatItsCrossingCosts() {
        List<MethodCost> costs = Costs.of(figures(
                List.of(made("enter", 1000), served("leave", 300)),
                Optional.of(inside(List.of(served("enter", 400), made("leave", 900)), served("ask", 70)))));

        assertThat(costs).extracting(MethodCost::way).containsExactly(Way.HOST_TO_ENCLAVE, Way.ENCLAVE_TO_HOST, Way.CLIENT_TO_ENCLAVE);
        assertThat(costs.get(0).crossingNanos()).hasValue(600);
        assertThat(costs.get(0).calls()).as("the caller saw all").isEqualTo(10);
        assertThat(costs.get(0).failed()).isOne();
        assertThat(costs.get(1).crossingNanos()).hasValue(600);
        assertThat(costs.get(2).work()).contains(each(9, 70));
        assertThat(costs.get(2).crossingNanos()).isEmpty();
    }

    @Test
    void withoutADebugBuildOnlyTheHostsSideIsKnown() {
        List<MethodCost> costs = Costs.of(figures(List.of(made("enter", 1000), served("leave", 300)), Optional.empty()));

        assertThat(costs).hasSize(2).allMatch(each -> each.crossingNanos().isEmpty());
        assertThat(costs.get(0).whole()).isPresent();
        assertThat(costs.get(0).work()).isEmpty();
        assertThat(costs.get(1).whole()).isEmpty();
        assertThat(costs.get(1).work()).isPresent();
    }

    @Test
    void theCallThatAskedForTheFiguresIsNoneOfThem() {
        MethodFigures own = new MethodFigures(
                Side.MADE, ProfileService.class.getName(), "figures", 1, 0, 1, 0, each(1, 1), each(1, 1), each(1, 1), Spread.NONE);

        assertThat(Costs.of(figures(List.of(own), Optional.empty()))).isEmpty();
    }

    @Test
    void theFileOfAHostIsReadAsItWasWritten() throws Exception {
        EnclaveFigures written = figures(List.of(made("enter", 1000)), Optional.of(inside(List.of(served("enter", 400)))));
        Codec<EnclaveFigures> codec = Codec.of(EnclaveFigures.class);

        assertThat(codec.decode(codec.encode(written))).isEqualTo(written);
    }
}
