package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Optional;
import org.innerkeep.keeper.ProcessPlatform.Finding;
import org.junit.jupiter.api.Test;

class ProcessPlatformTest {
    private static final LockedMemory ENOUGH = new LockedMemory(Long.MAX_VALUE, new Capabilities(0), false);

    private static Finding finding(Abilities abilities, boolean ownUsers, String name) {
        return ProcessPlatform.of(abilities, ownUsers).findings().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Abilities abilities(Optional<String> noFilter, Optional<String> noSecret, LockedMemory locked) {
        return new Abilities(
                Optional.empty(), Optional.empty(), Optional.empty(), noFilter, noSecret, Optional.empty(), Optional.empty(), locked);
    }

    @Test
    void saysWhatIsGiven() {
        Abilities all = abilities(Optional.empty(), Optional.empty(), ENOUGH);

        assertThat(ProcessPlatform.of(all, true).findings()).allMatch(Finding::given);
        assertThat(finding(all, true, "memory-readable-by").explanation()).startsWith("root of this machine");
        assertThat(finding(all, false, "separate-users").explanation()).contains("run the keeper as root");
        assertThat(finding(all, false, "memory-readable-by").explanation()).contains("this user");
    }

    @Test
    void saysWhyThereIsNoSecretHeapAndHowToGetIt() {
        assertThat(finding(abilities(Optional.empty(), Optional.of("no memfd_secret"), ENOUGH), true, "secret-heap"))
                .satisfies(each -> assertThat(each.given()).isFalse())
                .satisfies(each -> assertThat(each.explanation()).contains("no memfd_secret", "ordinary memory"));
        LockedMemory low = new LockedMemory(8 << 20, new Capabilities(0), false);
        assertThat(finding(abilities(Optional.empty(), Optional.empty(), low), true, "secret-heap").explanation())
                .contains("8388608", "LimitMEMLOCK=", "limits.conf");
        assertThat(finding(abilities(Optional.of("no answers"), Optional.empty(), ENOUGH), true, "secret-heap").explanation())
                .isEqualTo("no answers");
    }

    @Test
    void looksAtThisMachine() throws IOException {
        assertThat(ProcessPlatform.look().findings())
                .extracting(Finding::name)
                .contains("separate-users", "namespaces", "landlock", "seccomp", "secret-heap", "memory-readable-by");
    }
}
