package org.innerkeep.keeper;

import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.UserPrincipal;
import org.innerkeep.evidence.Bytes;

/**
 * Whose host a connection is.
 *
 * @param user the user
 * @param name the user's name, or its number where it has none; at most {@link #MAX_NAME} characters
 * @param separate whether keeper, enclave and host are three users
 */
record HostUser(UserPrincipal user, String name, boolean separate) {
    static final int MAX_NAME = 64;

    static HostUser of(UserPrincipal user, boolean separate) {
        String name = user.getName();
        // What tells users apart must not be cut off.
        return new HostUser(
                user,
                name.length() <= MAX_NAME ? name : Bytes.sha256(name.getBytes(StandardCharsets.UTF_8)).hex(),
                separate);
    }
}
