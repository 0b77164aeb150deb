package org.innerkeep.testing.hostile;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Threads, virtual ones too, that run code of Innerkeep and were not there before. */
final class LeftThreads {
    private static final Pattern THREAD = Pattern.compile("#(\\d+) \"([^\"]*)\".*");
    private static final int LOOKS = 200;
    private static final int LOOK_MILLIS = 50;

    private final Set<String> before;

    private LeftThreads(Set<String> before) {
        this.before = before;
    }

    static LeftThreads before() {
        return new LeftThreads(new HashSet<>(running().keySet()));
    }

    /** Waits for threads that are ending, ten seconds at most. {@return those that stay} */
    Optional<String> leftNow() {
        Map<String, String> left = new TreeMap<>();
        for (int look = 0; look < LOOKS; look++) {
            left = running();
            left.keySet().removeAll(before);
            if (left.isEmpty()) {
                return Optional.empty();
            }
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        return Optional.of(left.size() + ", such as " + left.values().iterator().next());
    }

    private static Map<String, String> running() {
        Map<String, String> found = new TreeMap<>();
        String own = Long.toString(Thread.currentThread().threadId());
        for (String block : dump().split("\n\\s*\n", -1)) {
            Matcher header = THREAD.matcher(block.strip().lines().findFirst().orElse(""));
            if (header.matches() && !header.group(1).equals(own) && block.contains("org.innerkeep.")) {
                found.put(header.group(1), block.strip());
            }
        }
        return found;
    }

    private static String dump() {
        try {
            Path folder = Files.createTempDirectory("threads");
            Path file = folder.resolve("dump");
            try {
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                        .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
                return Files.readString(file);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the threads of this JVM cannot be listed", e);
        }
    }
}
