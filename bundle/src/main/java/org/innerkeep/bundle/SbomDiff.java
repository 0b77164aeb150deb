package org.innerkeep.bundle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What changed between two bills of materials, in words. It looks for package URLs in the text and parses nothing: the answer explains
 * a difference that the digests have proven already, and decides nothing.
 */
final class SbomDiff {
    /** A package URL without its qualifiers: what comes before the version, and the version. */
    private static final Pattern PACKAGE = Pattern.compile("\"purl\"\\s*:\\s*\"pkg:([^\"@?#]{1,300})@([^\"?#]{1,100})");

    private static final int MAX_LINES = 200;

    private SbomDiff() {}

    /** Compares two files of at most {@link BundleFile#MAX_META_BYTES}. */
    static List<String> explain(Path first, Path second) throws IOException {
        SortedMap<String, SortedSet<String>> before = components(first);
        SortedMap<String, SortedSet<String>> after = components(second);
        SortedSet<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        List<String> lines = new ArrayList<>();
        for (String name : names) {
            String old = String.join(", ", before.getOrDefault(name, new TreeSet<>()));
            String now = String.join(", ", after.getOrDefault(name, new TreeSet<>()));
            if (old.isEmpty()) {
                lines.add("component " + name + " " + now + ": added");
            } else if (now.isEmpty()) {
                lines.add("component " + name + " " + old + ": removed");
            } else if (!old.equals(now)) {
                lines.add("component " + name + ": version " + old + " became " + now);
            }
        }
        if (lines.isEmpty()) {
            return List.of("the same components in the same versions; their digests, licences or dependencies differ");
        }
        return lines.size() <= MAX_LINES ? lines : lines.subList(0, MAX_LINES);
    }

    private static SortedMap<String, SortedSet<String>> components(Path sbom) throws IOException {
        SortedMap<String, SortedSet<String>> versions = new TreeMap<>();
        // Latin-1 takes any bytes; what is not printable ASCII is escaped.
        Matcher matcher = PACKAGE.matcher(Files.readString(sbom, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            versions.computeIfAbsent(Text.plain(matcher.group(1)), _ -> new TreeSet<>()).add(Text.plain(matcher.group(2)));
        }
        return versions;
    }
}
