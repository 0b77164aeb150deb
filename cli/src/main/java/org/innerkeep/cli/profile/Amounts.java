package org.innerkeep.cli.profile;

import java.util.Locale;

/** Sizes and times for people. */
final class Amounts {
    private Amounts() {}

    static String bytes(long bytes) {
        return bytes((double) bytes);
    }

    static String bytes(double bytes) {
        if (bytes < 1000) {
            return Math.round(bytes) + " B";
        }
        return bytes < 1 << 20
                ? String.format(Locale.ROOT, "%.1f KiB", bytes / (1 << 10))
                : bytes < 1 << 30
                        ? String.format(Locale.ROOT, "%.1f MiB", bytes / (1 << 20))
                        : String.format(Locale.ROOT, "%.1f GiB", bytes / (1 << 30));
    }

    static String nanos(long nanos) {
        return nanos((double) nanos);
    }

    static String nanos(double nanos) {
        if (nanos < 1000) {
            return Math.round(nanos) + " ns";
        }
        return nanos < 1e6
                ? String.format(Locale.ROOT, "%.1f us", nanos / 1e3)
                : nanos < 1e9 ? String.format(Locale.ROOT, "%.1f ms", nanos / 1e6) : String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String percent(long part, long whole) {
        return percent((double) part, (double) whole);
    }

    static String percent(double part, double whole) {
        return whole <= 0 ? "0 %" : Math.round(100 * part / whole) + " %";
    }
}
