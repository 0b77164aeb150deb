package org.innerkeep.cli.keys;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
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

    /** Lists keys. */
    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the keys of the vault.",
            footer = {"", "Example: innerkeep keys list"})
    static final class Keys implements Callable<Integer> {
        @Mixin
        private VaultServer server;

        @Option(names = "--deleted", description = "List those that are deleted and can be recovered.")
        private boolean deleted;

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            String after = "";
            boolean any = false;
            do {
                ObjectNode page = server.get("/vault/keys?deleted=" + deleted + "&after="
                        + URLEncoder.encode(after, StandardCharsets.US_ASCII));
                for (JsonNode key : page.path("keys").values()) {
                    any = true;
                    out.println(KeyTexts.text(key, "name") + "  " + KeyTexts.text(key, "type") + " " + KeyTexts.text(key, "parameter")
                            + ", " + KeyTexts.text(key, "versions") + " versions, " + KeyTexts.text(key, "grants") + " grants"
                            + (key.path("enabled").booleanValue(true) ? "" : ", disabled"));
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
    static final class Show implements Callable<Integer> {
        @Mixin
        private VaultServer server;

        @Parameters(paramLabel = "NAME", description = "The key.")
        private String name;

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            KeyTexts.key(spec.commandLine().getOut(), server.get("/vault/keys/" + Names.checked(name)));
            return 0;
        }
    }

    /** Shows why enclaves got nothing. */
    @Command(
            name = "why",
            mixinStandardHelpOptions = true,
            description = "Shows why enclaves got nothing of a key: for each grant what was found, and what would have to differ.",
            footer = {"", "Example: innerkeep keys why patients"})
    static final class Why implements Callable<Integer> {
        @Mixin
        private VaultServer server;

        @Parameters(paramLabel = "NAME", description = "The key.")
        private String name;

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            ObjectNode why = server.get("/vault/keys/" + Names.checked(name) + "/why");
            for (JsonNode each : why.path("refused").values()) {
                KeyTexts.decision(out, each);
            }
            if (!why.path("unproven").isEmpty()) {
                out.println("Requests of which nothing was proven, since the server started; anyone can make them:");
                for (JsonNode each : why.path("unproven").values()) {
                    out.println("  " + Shown.line(each.stringValue("")));
                }
            }
            if (why.path("refused").isEmpty() && why.path("unproven").isEmpty()) {
                out.println("no enclave was refused; if yours gets nothing, its requests do not arrive here");
            }
            return 0;
        }
    }

    /** Shows what was decided. */
    @Command(
            name = "log",
            mixinStandardHelpOptions = true,
            description = "Shows what was decided over requests for a key, the newest first. 'innerkeep log' verifies the log itself.",
            footer = {"", "Example: innerkeep keys log patients"})
    static final class Log implements Callable<Integer> {
        @Mixin
        private VaultServer server;

        @Parameters(paramLabel = "NAME", description = "The key.")
        private String name;

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            ObjectNode log = server.get("/vault/keys/" + Names.checked(name) + "/log");
            log.path("decisions").values().forEach(each -> KeyTexts.decision(out, each));
            if (log.path("decisions").isEmpty()) {
                out.println("nothing was decided yet");
            }
            return 0;
        }
    }
}
