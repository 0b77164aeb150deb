package org.innerkeep.cli.leakcheck;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Collects the result of one place. Used by one thread. */
final class Findings {
    private static final int FIRST_OF_EACH_FORM = 5;
    private static final int FIRST_UNREAD = 100;

    private final Place place;
    private final Needles needles;
    private final Map<Form, Long> found = new EnumMap<>(Form.class);
    private final List<ScanReport.Finding> first = new ArrayList<>();
    private final List<ScanReport.Unread> unread = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Set<String> owners = new TreeSet<>();
    private long unreadParts;
    private long bytesRead;
    private long closedBytes;

    Findings(Place place, Needles needles) {
        this.place = place;
        this.needles = needles;
    }

    /** Counts a finding; {@code where} is asked only for the first few. */
    void found(int needle, Supplier<String> where, long offset) {
        Form form = needles.form(needle);
        owners.add(needles.owner(needle));
        if (found.merge(form, 1L, Long::sum) <= FIRST_OF_EACH_FORM) {
            first.add(new ScanReport.Finding(form, needles.label(needle), where.get(), offset));
        }
    }

    void unread(String where, String why) {
        if (++unreadParts <= FIRST_UNREAD) {
            unread.add(new ScanReport.Unread(where, why));
        }
    }

    void note(String note) {
        notes.add(note);
    }

    void read(long bytes) {
        bytesRead += bytes;
    }

    /** Counts bytes of secret memory that the kernel refused. */
    void closed(long bytes) {
        closedBytes += bytes;
    }

    long bytesRead() {
        return bytesRead;
    }

    ScanReport.PlaceReport report() {
        return new ScanReport.PlaceReport(place.name(), bytesRead, closedBytes, found, owners, first, unread, unreadParts, notes);
    }
}
