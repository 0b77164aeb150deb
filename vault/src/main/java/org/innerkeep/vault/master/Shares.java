package org.innerkeep.vault.master;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.MalformedException;

/** Gives shares out, and takes them in again: by files, or at the terminal. */
final class Shares {
    private static final int MAX_SHARE_FILE = 4096;
    private static final int MOST_TYPED = 1024;

    private final Optional<Terminal> terminal;

    Shares(Optional<Terminal> terminal) {
        this.terminal = terminal;
    }

    /**
     * Gives shares out. Once this returns they are on disk, or whoever sits at the terminal has said that they are kept.
     *
     * @return what to tell whoever started the service; no share is in it
     */
    String give(List<RecoveryShare> shares, Optional<Path> folder) throws IOException {
        Quorum quorum = shares.getFirst().quorum();
        if (folder.isEmpty()) {
            List<String> lines = new ArrayList<>();
            lines.add("The recovery shares of this vault. Any " + quorum.needed() + " of these " + quorum.shares()
                    + " open a copy of its store. They are shown now and never again.");
            lines.add("Give each to somebody else, on paper or in a safe of theirs.");
            for (RecoveryShare share : shares) {
                lines.add("");
                lines.addAll(page(share));
            }
            terminal.orElseThrow(() -> new IllegalArgumentException("vault-recovery-folder: expected where there is no terminal"))
                    .showOnce(lines);
            return quorum.shares() + " shares were shown, any " + quorum.needed() + " of which open the vault";
        }
        for (RecoveryShare share : shares) {
            write(
                    folder.get().resolve("innerkeep-share-" + share.set().hex() + "-" + share.index() + ".txt"),
                    String.join("\n", page(share)) + "\n");
        }
        sync(folder.get());
        return quorum.shares() + " shares are in " + folder.get() + ", any " + quorum.needed()
                + " of which open the vault: give each to somebody else, and delete them there";
    }

    private static List<String> page(RecoveryShare share) {
        return List.of(
                "# Innerkeep, " + share + ": any " + share.quorum().needed() + " open the vault. Keep it apart from the others.",
                share.text());
    }

    private static void write(Path file, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer all = ByteBuffer.wrap(bytes);
            while (all.hasRemaining()) {
                channel.write(all);
            }
            channel.force(true);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel opened = FileChannel.open(folder)) {
            opened.force(true);
        }
    }

    /**
     * Takes shares in.
     *
     * @param files with one share each; none to ask at the terminal
     * @param needed how many to ask for
     * @return the shares, to be closed
     * @throws IOException if one has another form
     */
    List<Recovery.Shown> take(List<Path> files, int needed) throws IOException {
        List<Recovery.Shown> shown = new ArrayList<>();
        boolean complete = false;
        try {
            for (Path file : files) {
                shown.add(parsed(file.toString(), read(file)));
            }
            for (int i = 1; files.isEmpty() && i <= needed; i++) {
                shown.add(parsed("the share that was typed as number " + i, typed("Share " + i + " of " + needed + ": ")));
            }
            complete = true;
            return shown;
        } finally {
            if (!complete) {
                shown.forEach(each -> each.share().close());
            }
        }
    }

    private static Recovery.Shown parsed(String from, String text) throws IOException {
        try {
            return new Recovery.Shown(from, RecoveryShare.parse(text));
        } catch (MalformedException e) {
            throw new IOException("recovery: " + from + ": " + e.getMessage() + "; nothing was opened or changed", e);
        }
    }

    /** Whoever types need not mind capitals and spaces. */
    private String typed(String prompt) throws IOException {
        char[] typed = terminal.orElseThrow(
                        () -> new IllegalArgumentException("vault-recovery-shares: expected where there is no terminal"))
                .secret(prompt);
        try {
            if (typed.length > MOST_TYPED) {
                throw new IOException("recovery: expected a share of " + RecoveryShare.TEXT_CHARS + " characters, found " + typed.length);
            }
            return new String(typed).replaceAll("\\s", "").toUpperCase(Locale.ROOT);
        } finally {
            Arrays.fill(typed, '\0');
        }
    }

    private static String read(Path file) throws IOException {
        byte[] bytes = {};
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_SHARE_FILE + 1);
            if (bytes.length > MAX_SHARE_FILE) {
                throw new IOException("recovery: " + file + ": expected at most " + MAX_SHARE_FILE + " bytes");
            }
            List<String> lines = new String(bytes, StandardCharsets.ISO_8859_1).lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
            if (lines.size() != 1) {
                throw new IOException("recovery: " + file + ": expected one share and lines that begin with #, found " + lines.size()
                        + " other lines");
            }
            return lines.getFirst();
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
