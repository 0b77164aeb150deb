package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersTest {
    private static final int FIRST = 0x7000_3000;

    @TempDir
    private Path folder;

    private Users users() throws IOException {
        return new Users(UserIds.open(folder.resolve("next"), FIRST, 3, 0));
    }

    private Users switching() throws IOException {
        Users users = users();
        if (!users.canSwitch()) {
            Assumptions.abort("the right to switch users is missing");
        }
        return users;
    }

    @Test
    void everyEnclaveGetsAUserIdThatNoneHadBefore() throws IOException {
        Users users = switching();

        assertThat(users.take()).contains(FIRST);
        assertThat(users.take()).contains(FIRST + 1);
        assertThat(users().take()).as("after a restart").contains(FIRST + 2);
        assertThatIOException().isThrownBy(users::take).withMessageContaining("were used");
    }

    @Test
    void refusesADamagedCounter() throws IOException {
        UserIds ids = UserIds.open(folder.resolve("next"), FIRST, 3, 0);
        Files.writeString(folder.resolve("next"), "many");

        assertThatIOException().isThrownBy(ids::next).withMessageContaining("damaged");
    }

    @Test
    void keepersOfOneRangeBeginAtDifferentPlaces() throws IOException {
        Random random = new Random(1);
        int one = UserIds.open(folder.resolve("one"), FIRST, random).next();
        int other = UserIds.open(folder.resolve("other"), FIRST, random).next();

        assertThat(one).isNotEqualTo(other).isBetween(FIRST, FIRST + UserIds.RANGE / 2);
    }

    @Test
    void withoutTheRightToSwitchEnclavesHaveNoUserOfTheirOwn() throws IOException {
        Users users = users();
        if (users.canSwitch()) {
            Assumptions.abort("an ordinary user is missing: this one may switch users");
        }
        assertThat(users.take()).isEqualTo(Optional.empty());
        assertThat(users.separates(Users.principal(FIRST))).isFalse();
    }

    @Test
    void keeperAndHostOfOneUserAreNotSeparate() throws IOException {
        Users users = users();

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
