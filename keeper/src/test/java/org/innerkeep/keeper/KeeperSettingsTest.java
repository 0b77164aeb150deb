package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeeperSettingsTest {
    private static final Path FOLDER = Path.of("keeper");

    @Test
    void nobodyElseIsAllowedUnlessNamed() {
        assertThat(KeeperSettings.in(FOLDER).allowedUsers()).isEmpty();
        assertThat(KeeperSettings.in(FOLDER).allowing(Set.of("operator")).allowedUsers()).containsExactly("operator");
    }

    @Test
    void laterChangesOfTheGivenSetAllowNobody() {
        Set<String> users = new HashSet<>(Set.of("operator"));
        KeeperSettings settings = KeeperSettings.in(FOLDER).allowing(users);
        users.add("mallory");

        assertThat(settings.allowedUsers()).containsExactly("operator");
    }

    @Test
    void refusesUserIdsOfPeopleAndServicesAndLimitsOfNothing() {
        Duration minute = Duration.ofMinutes(1);

        assertThatIllegalArgumentException().isThrownBy(() -> new KeeperSettings(FOLDER, Set.of(), 999, 1, 1, minute, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new KeeperSettings(FOLDER, Set.of(), 1000, 0, 1, minute, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new KeeperSettings(FOLDER, Set.of(), 1000, 1, 0, minute, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KeeperSettings(FOLDER, Set.of(), 1000, 1, 1, minute.negated(), 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new KeeperSettings(FOLDER, Set.of(), 1000, 1, 1, minute, -1));
    }
}
