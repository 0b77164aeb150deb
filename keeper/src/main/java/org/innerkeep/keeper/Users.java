package org.innerkeep.keeper;

import java.io.IOException;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/**
 * The operating system's users: who connects, and as whom an enclave runs. Where the keeper may switch users, every enclave
 * gets a user id of its own, which no other process has and no enclave had. Safe for use by several threads.
 */
final class Users {
    private static final Pattern UIDS = Pattern.compile("(?m)^Uid:\\s+(\\d+)\\s+(\\d+)\\s+(\\d+)\\s+(\\d+)$");
    private static final Pattern ENDED = Pattern.compile("(?m)^State:\\s+[ZX]");
    private static final int MOST_PASSES = 200;
    private static final long PASS_NANOS = 5_000_000;

    private final UserIds ids;
    private final boolean canSwitch;
    private final UserPrincipal self;
    private final UserPrincipal root;

    Users(UserIds ids) throws IOException {
        this.ids = ids;
        this.canSwitch = canSwitch(Capabilities.own());
        this.self = Files.getOwner(Path.of("/proc/self"));
        this.root = principal(0);
    }

    static boolean canSwitch(Capabilities own) {
        return own.has(Capabilities.CHOWN, Capabilities.KILL, Capabilities.SETGID, Capabilities.SETUID);
    }

    /** Whether enclaves run as users of their own. */
    boolean canSwitch() {
        return canSwitch;
    }

    /** Whether keeper, enclave and a host of this user are three users, none of whom can read another's memory. */
    boolean separates(UserPrincipal host) {
        return canSwitch && !host.equals(self) && !host.equals(root);
    }

    /** Whether this user may use the keeper although no option names it: the keeper's own user and root. */
    boolean isOwn(UserPrincipal user) {
        return user.equals(self) || user.equals(root);
    }

    /** Takes a user id that no enclave had and no process has; empty if the keeper cannot switch users. */
    Optional<Integer> take() throws IOException {
        if (!canSwitch) {
            return Optional.empty();
        }
        Set<Integer> living = usersOfProcesses();
        int uid = ids.next();
        // Another keeper may use the same range.
        while (living.contains(uid)) {
            uid = ids.next();
        }
        return Optional.of(uid);
    }

    private static Set<Integer> usersOfProcesses() throws IOException {
        Set<Integer> users = new HashSet<>();
        forEachProcess((pid, uids) -> users.addAll(uids));
        return users;
    }

    /**
     * Ends every process of a user id. What a program started inside its enclave outlives the enclave's own process, and could
     * read the memory of the next enclave with that user id.
     *
     * @throws IOException if some do not end, or processes of other users cannot be seen
     */
    static void endProcesses(int uid) throws IOException {
        int quiet = 0;
        for (int pass = 0; pass < MOST_PASSES; pass++) {
            List<Long> found = new ArrayList<>();
            forEachProcess((pid, uids) -> {
                if (uids.contains(uid)) {
                    found.add(pid);
                }
            });
            found.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
            quiet = found.isEmpty() ? quiet + 1 : 0;
            // One that forks while the list is read may slip through one pass.
            if (quiet == 2) {
                return;
            }
            LockSupport.parkNanos(PASS_NANOS);
        }
        throw new IOException("processes of user id " + uid + " do not end");
    }

    /**
     * Lists every process that has not ended, with its real, effective, saved and file system user ids. They are read from its
     * status: the owner of its folder is root where a process made itself unreadable.
     */
    private static void forEachProcess(BiConsumer<Long, Set<Integer>> action) throws IOException {
        if (!Files.isReadable(Path.of("/proc/1/status"))) {
            throw new IOException("/proc hides processes of other users, so no user id can be known to be free: let the keeper"
                    + " see them (mount option hidepid)");
        }
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                String status;
                try {
                    status = Files.readString(process.resolve("status"), StandardCharsets.ISO_8859_1);
                } catch (IOException e) {
                    if (Files.exists(process)) {
                        throw e;
                    }
                    // It has ended since it was listed.
                    continue;
                }
                // The name is the process's own choice, but line breaks in it are escaped.
                Matcher uids = UIDS.matcher(status);
                if (uids.find() && !ENDED.matcher(status).find()) {
                    Set<Integer> own = new HashSet<>();
                    for (int i = 1; i <= uids.groupCount(); i++) {
                        own.add(Integer.parseUnsignedInt(uids.group(i)));
                    }
                    action.accept(Long.parseLong(process.getFileName().toString()), own);
                }
            }
        }
    }

    static UserPrincipal principal(int uid) throws IOException {
        return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(Integer.toString(uid));
    }

    /** The user at the other end of a Unix-domain connection, as the kernel recorded it at connect. */
    static UserPrincipal peer(SocketChannel channel) throws IOException {
        SocketOption<UnixDomainPrincipal> option = ExtendedSocketOptions.SO_PEERCRED;
        return channel.getOption(option).user();
    }
}
