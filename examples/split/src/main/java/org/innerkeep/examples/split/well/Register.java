package org.innerkeep.examples.split.well;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.innerkeep.examples.split.Merchant;

/** The operator's table, held inside, so that nobody sees what is looked up in it. */
final class Register implements Reference {
    /** What the host gives is hostile: neither more merchants than this, nor longer lines. */
    private static final int MAX_MERCHANTS = 1_000_000;

    private static final int MAX_LINE = 100;
    private static final int FIELDS = 3;

    /** What was loaded together. */
    record Loaded(Map<String, Integer> weights, Map<String, Merchant> merchants) {}

    private volatile Loaded loaded = new Loaded(Map.of(), Map.of());

    @Override
    public int load(Map<String, Integer> weights, InputStream merchants) {
        Map<String, Merchant> read = new HashMap<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(merchants, StandardCharsets.US_ASCII), 1 << 14)) {
            for (String line = line(lines); !line.isEmpty(); line = line(lines)) {
                String[] fields = line.split(",", -1);
                if (fields.length != FIELDS || read.size() == MAX_MERCHANTS) {
                    throw new IllegalArgumentException("merchants: expected lines of three fields, a million at most");
                }
                read.put(fields[0], new Merchant(fields[0], Integer.parseInt(fields[1]), Boolean.parseBoolean(fields[2])));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        loaded = new Loaded(weights, Map.copyOf(read));
        return read.size();
    }

    /** Never longer than a line may be, which {@link BufferedReader#readLine} does not promise; empty at the end. */
    private static String line(BufferedReader in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (line.length() == MAX_LINE) {
                throw new IllegalArgumentException("merchants: expected lines of at most " + MAX_LINE + " characters");
            }
            line.append((char) c);
        }
        return line.toString();
    }

    Loaded loaded() {
        return loaded;
    }
}
