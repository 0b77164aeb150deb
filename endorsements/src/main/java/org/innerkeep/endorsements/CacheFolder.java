package org.innerkeep.endorsements;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * A folder of answers, one file each: a CBOR array of a profile, the need, the time in seconds since 1970, and the documents. Files of
 * any other form count as absent. Safe for use by several threads and processes.
 */
final class CacheFolder {
    private static final String PROFILE = "tag:innerkeep.org,2026:endorsement-cache:1";
    private static final String SUFFIX = ".answer";
    private static final int MAX_NEED = 4096;
    private static final int MAX_DOCUMENTS = 64;
    private static final long MAX_SECONDS = 253_402_300_799L;

    private final Path folder;
    private final int maxFiles;
    private final long maxBytes;

    /**
     * An answer.
     *
     * @param fetchedAt when it came
     * @param documents what it was
     */
    record Entry(Instant fetchedAt, List<Bytes> documents) {}

    private record Kept(Path file, FileTime time, long size) {}

    CacheFolder(Path folder, int maxFiles, long maxBytes) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.maxFiles = maxFiles;
        this.maxBytes = maxBytes;
    }

    /** The answer to a need, or nothing. */
    Optional<Entry> read(Need need) {
        return read(file(need), Optional.of(text(need)));
    }

    /** The documents of every answer. */
    List<List<Bytes>> all() {
        List<List<Bytes>> found = new ArrayList<>();
        for (Kept each : list()) {
            read(each.file(), Optional.empty()).ifPresent(entry -> found.add(entry.documents()));
        }
        return found;
    }

    private Optional<Entry> read(Path file, Optional<String> need) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > maxBytes) {
                return Optional.empty();
            }
            CborReader reader = new CborReader(Files.readAllBytes(file));
            int items = reader.array("answer", 3, MAX_DOCUMENTS + 3);
            if (!reader.text("profile", PROFILE.length()).equals(PROFILE)) {
                return Optional.empty();
            }
            String found = reader.text("need", MAX_NEED);
            long seconds = reader.integer("time");
            if (need.isPresent() && !need.get().equals(found) || seconds < 0 || seconds > MAX_SECONDS) {
                return Optional.empty();
            }
            List<Bytes> documents = new ArrayList<>();
            for (int i = 3; i < items; i++) {
                documents.add(Bytes.of(reader.bytes("document", 1, (int) Math.min(maxBytes, Integer.MAX_VALUE))));
            }
            reader.end("answer");
            return Optional.of(new Entry(Instant.ofEpochSecond(seconds), List.copyOf(documents)));
        } catch (IOException | MalformedException e) {
            return Optional.empty();
        }
    }

    /** Keeps an answer; says why where it cannot, which is no reason not to use it. */
    Optional<String> write(Need need, Entry entry) {
        String text = text(need);
        if (entry.documents().size() > MAX_DOCUMENTS || text.length() > MAX_NEED) {
            return Optional.of("too large to be kept");
        }
        CborWriter writer = new CborWriter()
                .array(3 + entry.documents().size())
                .text(PROFILE)
                .text(text)
                .integer(entry.fetchedAt().getEpochSecond());
        entry.documents().forEach(each -> writer.bytes(each.toArray()));
        byte[] bytes = writer.toByteArray();
        if (bytes.length > maxBytes) {
            return Optional.of("too large to be kept");
        }
        try {
            Path whole = Files.createTempFile(folder, "new-", ".tmp");
            try {
                Files.write(whole, bytes);
                Files.move(whole, file(need), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(whole);
            }
            prune();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("the cache cannot be written (" + e.getClass().getSimpleName() + ")");
        }
    }

    private void prune() throws IOException {
        List<Kept> newest = list();
        long total = 0;
        for (int i = 0; i < newest.size(); i++) {
            total += newest.get(i).size();
            if (i >= maxFiles || total > maxBytes) {
                Files.deleteIfExists(newest.get(i).file());
            }
        }
    }

    /** The files, the newest first. */
    private List<Kept> list() {
        List<Kept> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files.filter(each -> each.toString().endsWith(SUFFIX))::iterator) {
                try {
                    found.add(new Kept(file, Files.getLastModifiedTime(file), Files.size(file)));
                } catch (IOException e) {
                    // Another process has just deleted it.
                }
            }
        } catch (IOException e) {
            return List.of();
        }
        found.sort(Comparator.comparing(Kept::time).reversed().thenComparing(Kept::file));
        return found;
    }

    private Path file(Need need) {
        return folder.resolve(Bytes.sha256(text(need).getBytes(StandardCharsets.UTF_8)).hex() + SUFFIX);
    }

    /** A record's text names all of its parts; names for messages only are left out. */
    private static String text(Need need) {
        return switch (need) {
            case Need.RevocationList list -> "RevocationList[" + list.issuer() + "]";
            case Need.IssuerCertificate certificate -> "IssuerCertificate[" + certificate.subject() + "]";
            default -> need.toString();
        };
    }
}
