package org.innerkeep.attestation.attester;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.innerkeep.evidence.Bytes;

/** What Linux shows under configfs-tsm, as {@code Documentation/ABI/testing/configfs-tsm-report} describes it. */
public final class FakeTsm implements DeviceFiles.Device {
    private static final Set<String> FILES = Set.of("inblob", "outblob", "auxblob", "provider", "generation", "privlevel");

    private final String provider;
    private final UnaryOperator<Bytes> reports;
    private Optional<Bytes> aux = Optional.empty();
    private final TreeMap<String, Entry> entries = new TreeMap<>();
    private final Set<String> seen = new TreeSet<>();
    private int busy;
    private int races;
    private boolean present = true;

    private static final class Entry {
        private Bytes in = Bytes.EMPTY;
        private long generation;
    }

    /** A machine whose driver reports. */
    public FakeTsm(String provider, UnaryOperator<Bytes> reports) {
        this.provider = provider;
        this.reports = reports;
    }

    /** What the host has to say besides. */
    public FakeTsm aux(Bytes blob) {
        aux = Optional.of(blob);
        return this;
    }

    /** The device is busy so many times. */
    public FakeTsm busy(int times) {
        busy = times;
        return this;
    }

    /** Somebody else writes to our folder, so many times. */
    public FakeTsm races(int times) {
        races = times;
        return this;
    }

    /** No such folder. */
    public FakeTsm absent() {
        present = false;
        return this;
    }

    /** {@return the names of folders that were made} */
    public Set<String> seen() {
        return seen;
    }

    /** {@return how many folders are left} */
    public int left() {
        return entries.size();
    }

    @Override
    public void createDirectory(String path) throws IOException {
        if (!present) {
            throw new NoSuchFileException(path);
        }
        if (provider.isEmpty()) {
            throw new FileSystemException(path, null, "No such device or address");
        }
        if (entries.putIfAbsent(path, new Entry()) != null) {
            throw new FileAlreadyExistsException(path);
        }
        seen.add(path);
    }

    @Override
    public void delete(String path) throws IOException {
        if (entries.remove(path) == null) {
            throw new NoSuchFileException(path);
        }
    }

    private Entry entry(String path) throws IOException {
        int slash = path.lastIndexOf('/');
        Entry entry = entries.get(path.substring(0, slash));
        if (entry == null || !FILES.contains(path.substring(slash + 1))) {
            throw new NoSuchFileException(path);
        }
        return entry;
    }

    @Override
    public Bytes read(String path) throws IOException {
        Entry entry = entry(path);
        return switch (path.substring(path.lastIndexOf('/') + 1)) {
            case "generation" -> Bytes.of((entry.generation + "\n").getBytes(StandardCharsets.US_ASCII));
            case "provider" -> Bytes.of((provider + "\n").getBytes(StandardCharsets.US_ASCII));
            case "outblob" -> report(path, entry);
            case "auxblob" -> aux.orElseThrow(() -> new NoSuchFileException(path));
            default -> throw new FileSystemException(path, null, "Permission denied");
        };
    }

    private Bytes report(String path, Entry entry) throws IOException {
        if (entry.in.length() == 0) {
            throw new FileSystemException(path, null, "Invalid argument");
        }
        if (busy > 0) {
            busy--;
            throw new FileSystemException(path, null, "Device or resource busy");
        }
        Bytes report = reports.apply(entry.in);
        if (races > 0) {
            races--;
            entry.generation++;
        }
        return report;
    }

    @Override
    public void write(String path, Bytes content) throws IOException {
        Entry entry = entry(path);
        if (!path.endsWith("/inblob") || content.length() == 0 || content.length() > 64) {
            throw new FileSystemException(path, null, "Invalid argument");
        }
        entry.in = content;
        entry.generation++;
    }
}
