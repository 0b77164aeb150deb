package org.innerkeep.keeper;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.channel.keeper.PlatformService.RegisterState;
import org.innerkeep.channel.keeper.RegisterRefusedException;
import org.innerkeep.channel.keeper.RegisterRefusedException.Code;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.keeper.KeeperReport;

/**
 * The registers of enclaves: for each identity and name a version and a digest, which only go forward. A file for each, in a
 * folder of the keeper's; a register appears on the disk whole and before anybody is told that it was set.
 *
 * <p>What binds a sealing key of the signer's binds a register: platform, debug, isolation, signer and product. The security
 * version of whoever set it last is remembered, and no lower one gets it again: an older program, with the faults that it has,
 * must not be able to move what a newer one relies on. One enclave at a time holds a register, until it ends; one that is being
 * set delays no other.
 *
 * <p>Whoever administers the keeper can put the folder back. Safe for use by several threads.
 */
final class Registers {
    /** Anybody who may start enclaves can make some, by signing keys of their own. */
    static final int MAX_REGISTERS = 4096;

    /** Of all registers, what enclaves of one host may have made: one in so many. */
    static final int SHARE = 4;

    /** The most that one enclave holds: a program that claims names without end keeps nobody else from them. */
    static final int MAX_CLAIMS = 8;

    private static final Pattern FILE = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,63}");
    private static final String PROFILE = "tag:innerkeep.org,2026:register/1";
    private static final int DIGEST_BYTES = 32;
    private static final int MAX_HOST = 256;
    private static final int MAX_FILE_BYTES = 256 + MAX_HOST;
    private static final long MAX_SVN = 0xffffffffL;

    private final Path folder;
    private final int most;
    private final Map<Bytes, Claim> claims = new HashMap<>();

    /** Held while a register is made for the first time, so that they are counted one after another. */
    private final Object making = new Object();

    private record Kept(long securityVersion, RegisterState state, String host) {}

    /** An enclave's hold on a register. Its monitor is held while the register is set. */
    private static final class Claim {
        private final Object enclave;
        private boolean over;

        Claim(Object enclave) {
            this.enclave = enclave;
        }

        boolean isOf(Object other) {
            return enclave.equals(other);
        }
    }

    private Registers(Path folder, int most) {
        this.folder = folder;
        this.most = most;
    }

    static Registers open(Path folder) throws IOException {
        return open(folder, MAX_REGISTERS);
    }

    static Registers open(Path folder, int most) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return new Registers(folder, most);
    }

    /** Gives a register to an enclave, unless another one has it. */
    synchronized Optional<RegisterState> claim(Object enclave, KeeperReport identity, String name)
            throws RegisterRefusedException {
        Bytes id = id(identity, name);
        Claim holder = claims.get(id);
        if (holder != null && !holder.isOf(enclave)) {
            throw refused(Code.HELD, "another enclave of this signer and product has register '" + name
                    + "' and has not ended: end it first");
        }
        if (holder == null && claims.values().stream().filter(each -> each.isOf(enclave)).count() >= MAX_CLAIMS) {
            throw refused(Code.TOO_MANY, "this enclave holds " + MAX_CLAIMS + " registers, and gets no more");
        }
        Optional<Kept> kept = read(id);
        if (kept.isPresent() && kept.get().securityVersion() > identity.securityVersion()) {
            throw refused(Code.NEWER_VERSION, "register '" + name + "' was set by security version " + kept.get()
                    .securityVersion()
                    + ", and this is " + identity.securityVersion() + ": run that version or a newer one");
        }
        if (holder == null) {
            claims.put(id, new Claim(enclave));
        }
        return kept.map(Kept::state);
    }

    /** Sets a register that the enclave has; counted as its host's if there was none. */
    void advance(Object enclave, String host, KeeperReport identity, String name, long from, RegisterState to)
            throws RegisterRefusedException {
        Bytes id = id(identity, name);
        Claim claim;
        synchronized (this) {
            claim = claims.get(id);
        }
        if (claim == null || !claim.isOf(enclave)) {
            throw refused(Code.NOT_CLAIMED, "register '" + name + "' is set by an enclave that has not claimed it");
        }
        if (to.digest().length != DIGEST_BYTES) {
            throw new IllegalArgumentException("a register has a digest of " + DIGEST_BYTES + " bytes");
        }
        // Not its own lock alone: whoever releases waits for what is under way, and nobody else gets the register before.
        synchronized (claim) {
            if (claim.over) {
                throw refused(Code.NOT_CLAIMED, "register '" + name + "' is set by an enclave that has ended");
            }
            Optional<Kept> kept = read(id);
            long now = kept.map(each -> each.state().version()).orElse(0L);
            if (now != from || to.version() <= from) {
                throw refused(Code.MOVED_ON, "register '" + name + "' has version " + now + "; expected " + from + ", to set "
                        + to.version());
            }
            Kept next = new Kept(identity.securityVersion(), to, kept.map(Kept::host).orElse(host));
            if (kept.isPresent()) {
                write(id, name, next);
            } else {
                synchronized (making) {
                    requireRoom(host);
                    write(id, name, next);
                }
            }
        }
    }

    private void write(Bytes id, String name, Kept kept) throws RegisterRefusedException {
        byte[] file = new CborWriter()
                .array(5)
                .text(PROFILE)
                .integer(kept.securityVersion())
                .integer(kept.state().version())
                .bytes(kept.state().digest())
                .text(kept.host())
                .toByteArray();
        try {
            PlatformKeys.writeSecret(file(id), file);
            try (FileChannel opened = FileChannel.open(folder)) {
                opened.force(true);
            }
        } catch (IOException e) {
            throw refused(Code.UNAVAILABLE, "register '" + name + "' cannot be written; the keeper's log says why");
        }
    }

    /** Ends the claims of an enclave that has ended; what it was setting is set before this returns, or never is. */
    void release(Object enclave) {
        List<Map.Entry<Bytes, Claim>> its;
        synchronized (this) {
            its = claims.entrySet().stream().filter(each -> each.getValue().isOf(enclave)).map(Map.Entry::copyOf).toList();
        }
        for (Map.Entry<Bytes, Claim> each : its) {
            synchronized (each.getValue()) {
                each.getValue().over = true;
            }
            synchronized (this) {
                claims.remove(each.getKey(), each.getValue());
            }
        }
    }

    private Path file(Bytes id) {
        return folder.resolve(id.hex());
    }

    private static Bytes id(KeeperReport identity, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("a register has a name of 1 to 64 lower-case letters, digits and hyphens");
        }
        return Bytes.sha256(new CborWriter()
                .array(7)
                .text(PROFILE)
                .text(identity.platform())
                .bool(identity.debug())
                .text(identity.isolation().toString())
                .bytes(identity.signer().toArray())
                .integer(identity.productId())
                .text(name)
                .toByteArray());
    }

    private Optional<Kept> read(Bytes id) throws RegisterRefusedException {
        Path file = file(id);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new IOException(file + ": expected at most " + MAX_FILE_BYTES + " bytes");
            }
            CborReader reader = new CborReader(Files.readAllBytes(file));
            reader.arrayOf("register", 5);
            if (!reader.text("profile", PROFILE.length()).equals(PROFILE)) {
                throw new MalformedException("profile", -1, "expected " + PROFILE);
            }
            long securityVersion = reader.integer("security version", 0, MAX_SVN);
            long version = reader.integer("version", 1, Long.MAX_VALUE);
            byte[] digest = reader.bytes("digest", DIGEST_BYTES, DIGEST_BYTES);
            String host = reader.text("host", MAX_HOST);
            reader.end("register");
            return Optional.of(new Kept(securityVersion, new RegisterState(version, digest), host));
        } catch (IOException | MalformedException e) {
            // Never taken for one that was not set: that would let an older state pass.
            System.getLogger(Registers.class.getName()).log(System.Logger.Level.ERROR, "a register cannot be read: "
                    + e.getMessage());
            throw refused(Code.UNAVAILABLE, "the register cannot be read; the keeper's log says why");
        }
    }

    private void requireRoom(String host) throws RegisterRefusedException {
        int all = 0;
        int its = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path each : files) {
                Matcher id = FILE.matcher(String.valueOf(each.getFileName()));
                if (id.matches()) {
                    all++;
                    its += isOf(host, Bytes.fromHex(id.group())) ? 1 : 0;
                }
            }
        } catch (IOException e) {
            throw refused(Code.UNAVAILABLE, "the folder of registers cannot be read");
        }
        int share = Math.max(1, most / SHARE);
        if (all >= most || its >= share) {
            throw refused(Code.TOO_MANY, "this keeper keeps " + most + " registers, of each host's " + share + ", and no more:"
                    + " its administrator can delete files of registers that nobody needs");
        }
    }

    /** One that cannot be read is somebody's. */
    private boolean isOf(String host, Bytes id) {
        try {
            return read(id).filter(kept -> kept.host().equals(host)).isPresent();
        } catch (RegisterRefusedException e) {
            return false;
        }
    }

    private static RegisterRefusedException refused(Code code, String message) {
        return new RegisterRefusedException(new RegisterRefusedException.Detail(code, message));
    }
}
