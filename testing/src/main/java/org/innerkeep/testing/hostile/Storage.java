package org.innerkeep.testing.hostile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the host stores for enclaves and clients: named values, every version of them. Reading is where it lies. Safe for use by
 * several threads.
 */
public final class Storage {
    private record Entry(String name, byte[] value) {}

    private final Journal journal;
    private final Seen seen;
    private final List<Entry> entries = new ArrayList<>();

    Storage(Journal journal, Seen seen) {
        this.journal = journal;
        this.seen = seen;
    }

    /**
     * Stores a value; an older one of that name is kept as well, for bad purposes.
     *
     * @param name its name
     * @param value its bytes, copied
     */
    public synchronized void put(String name, byte[] value) {
        seen.add("stored " + name, value);
        entries.add(new Entry(name, value.clone()));
    }

    /**
     * Reads a value: the newest of that name, unless the host lies.
     *
     * @param name its name
     * @return a copy; empty if there is none
     */
    public Optional<byte[]> get(String name) {
        List<Step> steps = journal.next(Place.READ);
        synchronized (this) {
            Optional<byte[]> value = newest(name);
            for (Step step : steps) {
                Optional<byte[]> before = value;
                int entriesBefore = entries.size();
                value = lie(step, name, before);
                boolean lied = step.move() == Move.ROLL_BACK && entriesBefore > entries.size()
                        || before.isPresent() != value.isPresent()
                        || before.isPresent() && !Arrays.equals(before.get(), value.get());
                if (lied) {
                    journal.took(step);
                }
            }
            return value.map(byte[]::clone);
        }
    }

    private Optional<byte[]> newest(String name) {
        return entries.reversed().stream().filter(entry -> entry.name().equals(name)).map(Entry::value).findFirst();
    }

    private Optional<byte[]> lie(Step step, String name, Optional<byte[]> value) {
        return switch (step.move()) {
            case OLDER_VALUE -> {
                List<byte[]> versions = entries.stream()
                        .filter(entry -> entry.name().equals(name))
                        .map(Entry::value)
                        .toList();
                yield versions.size() < 2
                        ? value
                        : Optional.of(versions.get(step.choice() % (versions.size() - 1)));
            }
            case OTHERS_VALUE -> {
                Map<String, byte[]> others = new LinkedHashMap<>();
                entries.stream().filter(entry -> !entry.name().equals(name)).forEach(entry -> others.put(entry.name(), entry.value()));
                yield others.isEmpty()
                        ? value
                        : Optional.of(List.copyOf(others.values()).get(step.choice() % others.size()));
            }
            case CUT_VALUE -> value.map(bytes -> bytes.length == 0 ? bytes : Arrays.copyOf(bytes, step.choice() % bytes.length));
            case FLIPPED_VALUE -> value.map(bytes -> flip(bytes, step.choice()));
            case LOST_VALUE -> Optional.empty();
            case ROLL_BACK -> {
                int last = 1 + step.choice() % Math.max(1, entries.size());
                entries.subList(Math.max(0, entries.size() - last), entries.size()).clear();
                yield newest(name);
            }
            default -> value;
        };
    }

    /** {@return a copy with one bit flipped, whichever the choice gives} */
    static byte[] flip(byte[] bytes, int choice) {
        byte[] flipped = bytes.clone();
        if (flipped.length > 0) {
            // A prime spreads small choices over long values.
            int bit = (int) (choice * 7919L % (flipped.length * 8L));
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
        }
        return flipped;
    }
}
