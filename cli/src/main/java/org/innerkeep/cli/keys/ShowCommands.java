package org.innerkeep.cli.keys;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.innerkeep.cli.text.Shown;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Commands that change nothing. */
final class ShowCommands {
    private ShowCommands() {}

    /** What they have in common. */
    abstract static class Showing implements Callable<Integer> {
        @Mixin
        private VaultServer server;

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec;

        Showing() {}

        final ObjectNode get(String path) throws IOException {
            return server.get(path);
        }

        final PrintWriter out() {
            return spec.commandLine().getOut();
        }
    }

    /** Of one key. */
    abstract static class OfKey extends Showing {
        @Parameters(paramLabel = "NAME", description = "The key.")
        private String name;

        OfKey() {}

        /** What the vault says of the key; the path is empty for the key itself. */
        final ObjectNode key(String path) throws IOException {
            return get("/vault/keys/" + Names.checked(name) + path);
        }

        final String name() {
            return name;
        }
    }

    /** Lists keys. */
    @Command(name = "list", mixinStandardHelpOptions = true,
            description = "Lists the keys of the vault, and of each whether whoever asked for it last was refused.",
            footer = {"", "Example: innerkeep keys list"})
    static final class Keys extends Showing {
        @Option(names = "--deleted", description = "List those that are deleted and can be recovered.")
        private boolean deleted;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = out();
            String after = "";
            boolean any = false;
            do {
                ObjectNode page = get("/vault/keys?deleted=" + deleted + "&after=" + URLEncoder.encode(after, StandardCharsets.US_ASCII));
                for (JsonNode key : page.path("keys").values()) {
                    any = true;
                    out.println(KeyTexts.text(key, "name") + "  " + KeyTexts.text(key, "type") + " " + KeyTexts.text(key, "parameter")
                            + ", " + KeyTexts.text(key, "versions") + " versions, " + KeyTexts.text(key, "grants") + " grants"
                            + (key.path("enabled").booleanValue(true) ? "" : ", disabled"));
                    if (key.has("lastRefused")) {
                        JsonNode last = key.path("lastRefused");
                        out.println("  asked for at " + KeyTexts.text(last, "time") + " and refused: " + KeyTexts.code(last)
                                + "; see 'innerkeep keys why " + KeyTexts.text(key, "name") + "'");
                    }
                }
                after = page.path("after").stringValue("");
            } while (!after.isEmpty());
            if (!any) {
                out.println(deleted ? "no deleted key" : "no key yet: make one with 'innerkeep keys create NAME'");
            }
            return 0;
        }
    }

    /** Shows one key. */
    @Command(name = "show", mixinStandardHelpOptions = true, description = "Shows a key with its versions and grants.",
            footer = {"", "Example: innerkeep keys show patients"})
    static final class Show extends OfKey {
        @Override
        public Integer call() throws IOException {
            KeyTexts.key(out(), key(""));
            return 0;
        }
    }

    /** Shows which enclaves asked. */
    @Command(
            name = "enclaves",
            mixinStandardHelpOptions = true,
            description = "Shows which versions of which code asked for a key lately, what they got, and which grants name them.",
            footer = {"", "Example: innerkeep keys enclaves patients"})
    static final class Enclaves extends OfKey {
        @Override
        public Integer call() throws IOException {
            List<HeldGrant> grants = holding(key(""));
            JsonNode enclaves = key("/enclaves").path("enclaves");
            enclaves.values().forEach(each -> KeyTexts.asking(out(), each, naming(grants, each)));
            if (enclaves.isEmpty()) {
                out().println("no enclave that proved what it is asked for the key");
            }
            return 0;
        }
    }

    /** Shows why enclaves got nothing. */
    @Command(
            name = "why",
            mixinStandardHelpOptions = true,
            description = "Shows why enclaves got nothing of a key: for each grant what was found, and what would have to differ.",
            footer = {"", "Example: innerkeep keys why patients"})
    static final class Why extends OfKey {
        @Override
        public Integer call() throws IOException {
            ObjectNode why = key("/why");
            why.path("refused").values().forEach(each -> KeyTexts.decision(out(), each));
            if (!why.path("unproven").isEmpty()) {
                out().println("Requests of which nothing was proven, since the server started; anyone can make them:");
                why.path("unproven").values().forEach(each -> out().println("  " + Shown.line(each.stringValue(""))));
            }
            if (why.path("refused").isEmpty() && why.path("unproven").isEmpty()) {
                out().println("no enclave was refused; if yours gets nothing, its requests do not arrive here");
            } else if (!why.path("refused").isEmpty()) {
                summary();
            }
            return 0;
        }

        /** In the end, where it stays on the screen. */
        private void summary() throws IOException {
            List<HeldGrant> grants = holding(key(""));
            boolean begun = false;
            for (JsonNode each : key("/enclaves").path("enclaves").values()) {
                if (each.path("refused").longValue(0) == 0) {
                    continue;
                }
                if (!begun) {
                    out().println();
                    out().println("In short, of the last decisions, by what was proven:");
                    begun = true;
                }
                KeyTexts.asking(out(), each, naming(grants, each));
            }
            out().println("Where the operator runs a new version, 'innerkeep keys update " + name()
                    + " OLD NEW' compares the two and takes the grants to it.");
        }
    }

    /** Shows what was decided. */
    @Command(
            name = "log",
            mixinStandardHelpOptions = true,
            description = "Shows what was decided over requests for a key, and who gave and revoked grants, the newest first."
                    + " 'innerkeep log' verifies the log itself.",
            footer = {"", "Example: innerkeep keys log patients"})
    static final class Log extends OfKey {
        /** One thing that happened; how it is shown. */
        private record Entry(Instant time, Runnable shown) {}

        @Override
        public Integer call() throws IOException {
            List<Entry> all = new ArrayList<>();
            for (JsonNode each : key("/log").path("decisions").values()) {
                all.add(new Entry(KeyTexts.time(each, "time").orElse(Instant.MIN), () -> KeyTexts.decision(out(), each)));
            }
            for (HeldGrant each : HeldGrant.of(key(""))) {
                JsonNode grant = each.json();
                all.add(entry(grant, "granted", "grantedAt", "grantedBy"));
                if (grant.has("revokedAt")) {
                    all.add(entry(grant, "revoked", "revokedAt", "revokedBy"));
                }
            }
            // What happened at the same moment stays as it is: a grant and what took its place.
            all.sort(Comparator.comparing(Entry::time).reversed());
            all.forEach(each -> each.shown().run());
            if (all.isEmpty()) {
                out().println("nothing was decided yet");
            }
            return 0;
        }

        private Entry entry(JsonNode grant, String what, String at, String by) {
            return new Entry(KeyTexts.time(grant, at).orElse(Instant.MIN), () -> {
                out().println(KeyTexts.text(grant, at) + " " + what + " by " + KeyTexts.text(grant, by) + ": grant "
                        + KeyTexts.text(grant, "id"));
                KeyTexts.code(out(), grant);
            });
        }
    }

    private static List<HeldGrant> holding(JsonNode key) {
        Instant now = Instant.now();
        return HeldGrant.of(key).stream().filter(each -> each.holds(now)).toList();
    }

    private static String naming(List<HeldGrant> grants, JsonNode enclave) {
        Optional<Version> version = Version.of(enclave);
        String ids = grants.stream()
                .filter(each -> version.isPresent() && each.names(version.get()))
                .map(HeldGrant::id)
                .collect(Collectors.joining(", "));
        return ids.isEmpty() ? "none that holds names this code" : "named by " + ids;
    }
}
