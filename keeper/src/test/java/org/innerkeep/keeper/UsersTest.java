package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class UsersTest {
    private static final int FIRST = 0x7000_3000;

    private static Users switching() throws IOException {
        Users users = new Users(FIRST, 3);
        if (!users.canSwitch()) {
            Assumptions.abort("the right to switch users is missing");
        }
        return users;
    }

    @Test
    void livingEnclavesNeverShareAUserId() throws IOException {
        Users users = switching();
        Set<Integer> taken = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            taken.add(users.take().orElseThrow());
        }

        assertThat(taken).containsExactlyInAnyOrder(FIRST, FIRST + 1, FIRST + 2);
        assertThatIllegalStateException().isThrownBy(users::take).withMessageContaining("all 3");
    }

    @Test
    void aUserIdIsTakenAgainOnlyAfterItWasGivenBack() throws IOException {
        Users users = switching();
        users.take();
        int second = users.take().orElseThrow();
        users.take();

        users.giveBack(second);

        assertThat(users.take()).contains(second);
    }

    @Test
    void withoutTheRightToSwitchEnclavesHaveNoUserOfTheirOwn() throws IOException {
        Users users = new Users(FIRST, 3);
        if (users.canSwitch()) {
            Assumptions.abort("an ordinary user is missing: this one may switch users");
        }
        assertThat(users.take()).isEqualTo(Optional.empty());
        assertThat(users.separates(Users.principal(FIRST))).isFalse();
    }

    @Test
    void keeperAndHostOfOneUserAreNotSeparate() throws IOException {
        Users users = new Users(FIRST, 3);

        assertThat(users.separates(Files.getOwner(Path.of("/proc/self")))).isFalse();
        assertThat(users.separates(Users.principal(0))).as("root reads everybody's memory").isFalse();
    }

    @Test
    void anotherUserIsSeparateAndNotAllowedUnlessNamed() throws IOException {
        Users users = switching();

        assertThat(users.separates(Users.principal(FIRST + 10))).isTrue();
        assertThat(users.isOwn(Users.principal(FIRST + 10))).isFalse();
        assertThat(users.isOwn(Files.getOwner(Path.of("/proc/self")))).isTrue();
        assertThat(users.isOwn(Users.principal(0))).isTrue();
    }
}
