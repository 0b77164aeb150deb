package org.innerkeep.cli.leakcheck;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a scan found, what it read and what it could not read. Never holds a secret: findings are labels and positions, and the
 * parts of a path that hold a needle are withheld.
 *
 * @param sought the number of needles of each form; a form that was not sought is absent
 * @param skipped the number of rows and runs of each form that were not sought because they are not specific
 * @param places one result for each place, in the order given
 * @param took how long the scan took
 */
public record ScanReport(Map<Form, Integer> sought, Map<Form, Integer> skipped, List<PlaceReport> places, Duration took) {

    /** Copies the collections. */
    public ScanReport {
        sought = ordered(sought);
        skipped = ordered(skipped);
        places = List.copyOf(places);
    }

    /**
     * What was found and read in one place.
     *
     * @param name the place's name
     * @param bytesRead the bytes searched, without names of files
     * @param closedBytes the bytes of secret memory (memfd_secret(2)) that the kernel refused to show. These are no gap: nobody
     *     reads them in this way
     * @param found how often each form was found; a form not found is absent. A row found whole is also found as its runs
     * @param owners whose secrets were found
     * @param first the first findings of each form, a few of each
     * @param unread the first parts that should have been read and could not be, or that a limit left unread
     * @param unreadParts the number of all such parts
     * @param notes what was left out on purpose, and how much of it
     */
    public record PlaceReport(String name, long bytesRead, long closedBytes, Map<Form, Long> found, Set<String> owners,
            List<Finding> first, List<Unread> unread, long unreadParts, List<String> notes) {
        /** Copies the collections. */
        public PlaceReport {
            found = ordered(found);
            owners = Collections.unmodifiableSet(new TreeSet<>(owners));
            first = List.copyOf(first);
            unread = List.copyOf(unread);
            notes = List.copyOf(notes);
        }

        /** {@return how often anything was found} */
        public long totalFound() {
            return found.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * One finding.
     *
     * @param form the form
     * @param label whose secret it is, as given with the needles
     * @param where the file, the mapping, or the name that was found in
     * @param offset the position there of the first byte; for memory, the address
     */
    public record Finding(Form form, String label, String where, long offset) {
        /** {@return form, label and position in words} */
        @Override
        public String toString() {
            return form + " of " + label + " in " + where + " at 0x" + Long.toHexString(offset);
        }
    }

    /**
     * A part of a place that was not read.
     *
     * @param where the path or the addresses
     * @param why the reason
     */
    public record Unread(String where, String why) {
        /** {@return path and reason} */
        @Override
        public String toString() {
            return where + ": " + why;
        }
    }

    /** {@return how often each form was found in all places; a form not found is absent} */
    public Map<Form, Long> found() {
        Map<Form, Long> sum = new EnumMap<>(Form.class);
        places.forEach(place -> place.found().forEach((form, count) -> sum.merge(form, count, Long::sum)));
        return ordered(sum);
    }

    /** {@return whose secrets were found anywhere} */
    public Set<String> owners() {
        Set<String> owners = new TreeSet<>();
        places.forEach(place -> owners.addAll(place.owners()));
        return Collections.unmodifiableSet(owners);
    }

    /** {@return how often anything was found anywhere} */
    public long totalFound() {
        return places.stream().mapToLong(PlaceReport::totalFound).sum();
    }

    /** {@return the bytes searched in all places} */
    public long bytesRead() {
        return places.stream().mapToLong(PlaceReport::bytesRead).sum();
    }

    /** {@return the bytes of secret memory that the kernel refused, in all places} */
    public long closedBytes() {
        return places.stream().mapToLong(PlaceReport::closedBytes).sum();
    }

    /** {@return the number of parts that should have been read and were not} Where it is not 0, "nothing found" is not proven. */
    public long unreadParts() {
        return places.stream().mapToLong(PlaceReport::unreadParts).sum();
    }

    /** {@return the forms that were sought and not found anywhere} For a control run, this should be empty. */
    public Set<Form> missed() {
        Set<Form> missed = EnumSet.noneOf(Form.class);
        missed.addAll(sought.keySet());
        missed.removeAll(found().keySet());
        return Collections.unmodifiableSet(missed);
    }

    /**
     * Requires of a control run that it found these forms. A form that was not even sought counts as not found.
     *
     * @param forms the forms that the control holds
     * @return this report
     * @throws IllegalStateException if one was not found: then the scan that found nothing elsewhere proves nothing
     */
    public ScanReport requireFound(Collection<Form> forms) {
        List<Form> absent = forms.stream().filter(form -> !found().containsKey(form)).distinct().sorted().toList();
        if (!absent.isEmpty()) {
            throw new IllegalStateException("the control run holds " + absent
                    + " and the scan did not find them, so finding nothing elsewhere proves nothing\n" + render());
        }
        return this;
    }

    /**
     * Requires that everything was read and nothing was found.
     *
     * @return this report
     * @throws IllegalStateException if something was found or not read, with the report as its message
     */
    public ScanReport requireNothing() {
        if (totalFound() != 0 || unreadParts() != 0) {
            throw new IllegalStateException("found " + totalFound() + ", not read " + unreadParts() + " parts\n" + render());
        }
        return this;
    }

    /** {@return a few lines for people: what was sought; each place with its findings and gaps; the sum} */
    public String render() {
        List<String> lines = new ArrayList<>();
        lines.add("sought " + sum(sought) + " needles (" + list(sought) + ")");
        if (!skipped.isEmpty()) {
            lines.add("not sought, too poor to be specific: " + sum(skipped) + " (" + list(skipped) + ")");
        }
        for (PlaceReport place : places) {
            lines.add(place.name() + ": " + size(place.bytesRead()) + " read, found " + place.totalFound()
                    + (place.found().isEmpty() ? "" : " (" + list(place.found()) + ")"));
            if (place.closedBytes() > 0) {
                lines.add("  " + size(place.closedBytes()) + " of secret memory, closed by the kernel");
            }
            place.first().forEach(finding -> lines.add("  " + finding));
            place.unread().forEach(part -> lines.add("  not read: " + part));
            if (place.unreadParts() > place.unread().size()) {
                lines.add("  not read: " + (place.unreadParts() - place.unread().size()) + " more parts");
            }
            place.notes().forEach(note -> lines.add("  " + note));
        }
        lines.add("in all " + size(bytesRead()) + " read in " + String.format(Locale.ROOT, "%.1f", took.toMillis() / 1000.0)
                + " s, found " + totalFound() + ", parts not read " + unreadParts());
        return String.join("\n", lines) + "\n";
    }

    /** {@return {@link #render()}} */
    @Override
    public String toString() {
        return render();
    }

    /** {@return a size in bytes or in the unit of 1024ⁿ bytes that suits it} */
    static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int power = (Long.SIZE - 1 - Long.numberOfLeadingZeros(bytes)) / 10;
        return String.format(Locale.ROOT, "%.1f %ciB", (double) bytes / (1L << (10 * power)), "KMGTPE".charAt(power - 1));
    }

    private static String list(Map<Form, ? extends Number> counts) {
        return counts.entrySet().stream().map(entry -> entry.getKey() + " " + entry.getValue()).collect(Collectors.joining(", "));
    }

    private static long sum(Map<Form, Integer> counts) {
        return counts.values().stream().mapToLong(Integer::longValue).sum();
    }

    private static <V> Map<Form, V> ordered(Map<Form, V> map) {
        Map<Form, V> copy = new EnumMap<>(Form.class);
        copy.putAll(map);
        return Collections.unmodifiableMap(copy);
    }
}
