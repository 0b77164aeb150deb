package org.innerkeep.cli.leakcheck;

/**
 * How much of one place is read at most. What is left unread because of a limit is in the report.
 *
 * @param bytesPerFile the most bytes of one file
 * @param bytesPerPlace the most bytes of one place
 * @param entriesPerPlace the most files and folders of one place
 * @param depth the most levels of folders below a place
 */
public record Limits(long bytesPerFile, long bytesPerPlace, int entriesPerPlace, int depth) {
    /** 16 GiB of a file, 64 GiB, a million entries and 64 levels of a place. */
    public static final Limits DEFAULT = new Limits(16L << 30, 64L << 30, 1_000_000, 64);

    /** Checks that every limit is positive. */
    public Limits {
        if (bytesPerFile <= 0 || bytesPerPlace <= 0 || entriesPerPlace <= 0 || depth <= 0) {
            throw new IllegalArgumentException("every limit must be positive");
        }
    }
}
