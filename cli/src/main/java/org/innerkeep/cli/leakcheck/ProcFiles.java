package org.innerkeep.cli.leakcheck;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.evidence.MalformedException;

/**
 * Reads the kernel's tables of mappings and of swap space (proc_pid_maps(5), proc_swaps(5)). The kernel writes their form, but
 * whoever maps a file or adds swap chooses the names in them.
 */
final class ProcFiles {
    /** Address as 1 to 16 hexadecimal digits twice, rights, offset, device, inode, name. */
    private static final Pattern REGION = Pattern.compile(
            "([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-])[w-][x-][ps] [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ [0-9]+ *(.*)", Pattern.DOTALL);
    private static final Pattern SWAP = Pattern.compile("(/\\S*)\\s+(\\w+)\\s+(\\d{1,15})\\s+(\\d{1,15})\\s+(-?\\d{1,6})");
    private static final Pattern OCTAL = Pattern.compile("\\\\([0-3][0-7]{2})");

    /**
     * One mapping.
     *
     * @param start the first address
     * @param end the address after the last, above {@code start} as unsigned numbers
     * @param readable whether the process itself may read it
     * @param name the file, the kernel's name in brackets, or nothing
     */
    record Region(long start, long end, boolean readable, String name) {
        /** {@return whether this is secret memory, by the kernel's word: no file can have this name with nothing before it} */
        boolean secret() {
            return isSecret(name);
        }

        /** {@return whether this is a window of the kernel that holds nothing of the process and that only it may read} */
        boolean kernelWindow() {
            return name.startsWith("[vvar") || name.equals("[vsyscall]");
        }
    }

    private ProcFiles() {}

    /** Whether the kernel calls a mapping or a descriptor so because it is of memfd_secret(2). */
    static boolean isSecret(String name) {
        return name.equals("/secretmem (deleted)") || name.equals("/secretmem");
    }

    /** Reads {@code /proc/PID/maps}. */
    static List<Region> regions(String table) throws MalformedException {
        List<Region> regions = new ArrayList<>();
        int offset = 0;
        for (String line : lines(table)) {
            Matcher matcher = REGION.matcher(line);
            if (!matcher.matches()) {
                throw new MalformedException("mapping", offset, "not of the form 'start-end rights offset device inode name'");
            }
            long start = Long.parseUnsignedLong(matcher.group(1), 16);
            long end = Long.parseUnsignedLong(matcher.group(2), 16);
            if (Long.compareUnsigned(start, end) >= 0) {
                throw new MalformedException("mapping", offset, "ends before it begins");
            }
            regions.add(new Region(start, end, matcher.group(3).equals("r"), matcher.group(4)));
            offset += line.length() + 1;
        }
        return List.copyOf(regions);
    }

    /** Reads {@code /proc/swaps}: the absolute paths of the devices and files. */
    static List<String> swaps(String table) throws MalformedException {
        List<String> lines = lines(table);
        if (lines.isEmpty() || !lines.getFirst().startsWith("Filename")) {
            throw new MalformedException("heading", 0, "missing");
        }
        List<String> paths = new ArrayList<>();
        int offset = lines.getFirst().length() + 1;
        for (String line : lines.subList(1, lines.size())) {
            Matcher matcher = SWAP.matcher(line);
            if (!matcher.matches()) {
                throw new MalformedException("swap", offset, "not of the form '/path type size used priority'");
            }
            String path = OCTAL.matcher(matcher.group(1)).replaceAll(octal ->
                    Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(octal.group(1), 8))));
            if (path.indexOf('\0') >= 0) {
                throw new MalformedException("swap", offset, "a path with a zero byte");
            }
            paths.add(path);
            offset += line.length() + 1;
        }
        return List.copyOf(paths);
    }

    private static List<String> lines(String table) {
        String ended = table.endsWith("\n") ? table.substring(0, table.length() - 1) : table;
        return table.isEmpty() ? List.of() : List.of(ended.split("\n", -1));
    }
}
