package org.innerkeep.cli.profile;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.innerkeep.channel.profile.EnclaveFigures.Relayed;
import org.innerkeep.channel.profile.InsideFigures.Heap;
import org.innerkeep.channel.profile.Spread;
import org.innerkeep.cli.profile.MemoryByKind.Kind;
import org.innerkeep.cli.profile.MethodCost.Way;
import org.innerkeep.cli.text.JsonText;
import org.junit.jupiter.api.Test;

/** What people and programs are told. */
final class ProfileReportTest {
    private static final MethodCost FIND = new MethodCost(
            Way.ENCLAVE_TO_HOST, "p.Merchants", "find", 2000, 3, 4, 1900, new Spread(2000, 44_000, 22, 24),
            new Spread(2000, 30_000, 15, 16), Optional.of(new Spread(2000, 400_000_000, 180_000, 9_000_000)),
            Optional.of(new Spread(2000, 20_000_000, 9_000, 50_000)));

    private static ProfileFigures figures(boolean debug, List<MethodCost> calls, MemoryByKind memory) {
        return new ProfileFigures(
                debug, Duration.ofSeconds(2), calls, new Relayed(1, 1, 2048, 4096), 64L << 20,
                debug ? Optional.of(new Heap(64L << 20, 20L << 20, 3L << 20)) : Optional.empty(), memory,
                new ProcessLimits(OptionalLong.of(928L << 20), 84L << 20, OptionalLong.of(0), true, OptionalLong.empty()), List.of(), 0);
    }

    @Test
    void aMethodHasALineWithWhatItsCrossingCosts() {
        String report = new ProfileReport(figures(true, List.of(FIND), MemoryByKind.NONE)).render();

        assertThat(report)
                .containsPattern(
                        "Merchants\\.find +2,000 +1,000 +3 +4 +22 B/24 B +15 B/16 B +200\\.0 us +10\\.0 us +190\\.0 us")
                .contains("1 of clients, 1 at once; 2.0 KiB in, 4.0 KiB out", "PASS_DATA_IN Merchants.find", "locked by a capability");
    }

    @Test
    void itSaysWhatIsNotKnownAndWhatToDo() {
        String report = new ProfileReport(figures(false, List.of(), MemoryByKind.NONE)).render();

        assertThat(report)
                .contains("no debug build", "debug = true", "no calls", "what is in the heap is not known", "root sees it", "none: no rule");
    }

    @Test
    void anEnclaveOfSgxIsAPowerOfTwoThatHoldsEverything() {
        MemoryByKind memory = new MemoryByKind(
                Map.of(Kind.CODE, 5L << 20, Kind.CLASSES, 10L << 20, Kind.STACKS, 1L << 20, Kind.NATIVE, 20L << 20, Kind.FILES, 22L << 20),
                70);

        Needs needs = Needs.of(64L << 20, memory);

        assertThat(needs.enclaveBytes()).isEqualTo((64L + 2 * 15 + 1 + 20 + 22) << 20);
        assertThat(needs.enclaveSize()).isEqualTo(256L << 20);
        assertThat(needs.threads()).isEqualTo(74);
        // Without files, with 135 MiB of the guest's, in steps of 64 MiB.
        assertThat(needs.guestBytes()).isEqualTo(256L << 20);
        assertThat(Needs.of(64L << 20, MemoryByKind.NONE).threads()).isEqualTo(64);
        assertThat(Needs.powerOfTwo(128)).isEqualTo(128);
        assertThat(Needs.powerOfTwo(129)).isEqualTo(256);
    }

    @Test
    void programsGetTheSameAsPeople() {
        var json = JsonParser.parseString(JsonText.of(new ProfileReport(figures(true, List.of(FIND), MemoryByKind.NONE)).json()))
                .getAsJsonObject();

        assertThat(json.get("innerkeep-profile").getAsInt()).isOne();
        var call = json.getAsJsonArray("calls").get(0).getAsJsonObject();
        assertThat(call.get("meanCrossingNanos").getAsDouble()).isEqualTo(190_000);
        assertThat(call.getAsJsonObject("wholeNanos").get("largest").getAsLong()).isEqualTo(9_000_000);
        assertThat(json.getAsJsonArray("advice").get(0).getAsJsonObject().get("code").getAsString()).isEqualTo("PASS_DATA_IN");
        assertThat(json.getAsJsonObject("platforms").getAsJsonObject("process").get("privateLimit").getAsLong()).isEqualTo(928L << 20);
    }
}
