package org.innerkeep.cli.keys;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Commands that change a key. */
final class ChangeCommands {
    private static final int MAX_IDENTITY = 4096;

    private ChangeCommands() {}

    /** What they have in common: a server and a key. */
    abstract static class OnKey implements Callable<Integer> {
        @Mixin
        private VaultServer server;

        @Parameters(index = "0", paramLabel = "NAME", description = "The key: letters, digits and hyphens.")
        private String name;

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec;

        OnKey() {}

        final VaultServer server() {
            return server;
        }

        final String address() throws IOException {
            return "/vault/keys/" + Names.checked(name);
        }

        final PrintWriter out() {
            return spec.commandLine().getOut();
        }

        final void say(ObjectNode key) {
            KeyTexts.key(out(), key);
        }

        final void say(String line) {
            out().println(line);
        }

        final String name() {
            return name;
        }
    }

    /** Makes a key. */
    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Makes a key in the vault, and shows to whom files for it are sealed.",
            footer = {"", "Examples:", "  innerkeep keys create patients", "  innerkeep keys create patients --classic"})
    static final class Create extends OnKey {
        @Option(names = "--classic", description = "An X25519 key, for age tools that do not know hybrid ones; a quantum computer"
                + " would break it.")
        private boolean classic;

        @Override
        public Integer call() throws IOException {
            String body = "{\"kind\":\"" + (classic ? "classic" : "hybrid") + "\"}";
            say(server().send("PUT", address(), "application/json", body.getBytes(StandardCharsets.UTF_8)));
            return 0;
        }
    }

    /** Imports an identity. */
    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = "Imports an age identity as a key, or as the next version of one. Files that were sealed to it before can then be"
                    + " released.",
            footer = {"", "Example: innerkeep keys import patients --identity old.key"})
    static final class Import extends OnKey {
        @Option(names = "--identity", required = true, paramLabel = "FILE",
                description = "An identity file with one identity, as 'innerkeep keygen' or age-keygen writes it.")
        private Path identity;

        @Override
        public Integer call() throws IOException {
            byte[] file;
            try (InputStream in = Files.newInputStream(identity)) {
                file = in.readNBytes(MAX_IDENTITY + 1);
            }
            byte[] line = {};
            try {
                line = onlyLine(file);
                say(server().send("POST", address() + "/import", "text/plain", line));
                return 0;
            } finally {
                Arrays.fill(file, (byte) 0);
                Arrays.fill(line, (byte) 0);
            }
        }

        /** The one line that is no comment. */
        private byte[] onlyLine(byte[] file) throws IOException {
            if (file.length > MAX_IDENTITY) {
                throw new IOException(identity + ": expected at most " + MAX_IDENTITY + " bytes");
            }
            int begin = -1;
            int end = -1;
            for (int start = 0; start < file.length; ) {
                int stop = start;
                while (stop < file.length && file[stop] != '\n') {
                    stop++;
                }
                int last = stop > start && file[stop - 1] == '\r' ? stop - 1 : stop;
                if (last > start && file[start] != '#') {
                    if (begin >= 0) {
                        throw new IOException(identity + ": expected one identity, found several; import each by itself");
                    }
                    begin = start;
                    end = last;
                }
                start = stop + 1;
            }
            if (begin < 0) {
                throw new IOException(identity + ": expected an identity, found none");
            }
            return Arrays.copyOfRange(file, begin, end);
        }
    }

    /** Takes a grant back. */
    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description = {
                "Takes a grant back. Once this returns, the vault releases nothing by it any more.",
                "An enclave keeps the file keys that it has, until their lease is over: give grants with --lease."
            },
            footer = {"", "Example: innerkeep keys revoke patients 3f9a…"})
    static final class Revoke extends OnKey {
        @Parameters(index = "1", paramLabel = "GRANT", description = "The grant's id, as 'innerkeep keys show' prints it.")
        private String grant;

        @Override
        public Integer call() throws IOException {
            ObjectNode key = server().send("DELETE", address() + "/grants/" + Names.id("grant", grant));
            say("revoked");
            Afterwards.say(out(), name(), HeldGrant.of(key).stream().filter(each -> each.id().equals(grant)).toList(),
                    server().get(address() + "/log"));
            return 0;
        }
    }

    /** Makes the next version. */
    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            description = "Makes the next version of a key. New files are sealed to it; older ones are released by the versions before it.",
            footer = {"", "Example: innerkeep keys rotate patients"})
    static final class Rotate extends OnKey {
        @Override
        public Integer call() throws IOException {
            say(server().send("POST", address() + "/rotate"));
            return 0;
        }
    }

    /** Lets a version be used. */
    @Command(name = "enable", mixinStandardHelpOptions = true, description = "Lets a version of a key be used again.",
            footer = {"", "Example: innerkeep keys enable patients 81c4…"})
    static final class Enable extends OnKey {
        @Parameters(index = "1", paramLabel = "VERSION", description = "The version's id.")
        private String version;

        @Override
        public Integer call() throws IOException {
            say(server().send("POST", address() + "/versions/" + Names.id("version", version) + "/enable"));
            return 0;
        }
    }

    /** Lets a version not be used. */
    @Command(name = "disable", mixinStandardHelpOptions = true, description = "Lets a version of a key not be used until it is enabled.",
            footer = {"", "Example: innerkeep keys disable patients 81c4…"})
    static final class Disable extends OnKey {
        @Parameters(index = "1", paramLabel = "VERSION", description = "The version's id.")
        private String version;

        @Override
        public Integer call() throws IOException {
            say(server().send("POST", address() + "/versions/" + Names.id("version", version) + "/disable"));
            return 0;
        }
    }

    /** Deletes a key. */
    @Command(name = "delete", mixinStandardHelpOptions = true, description = "Deletes a key. It can be recovered until it is purged.",
            footer = {"", "Example: innerkeep keys delete patients"})
    static final class Delete extends OnKey {
        @Override
        public Integer call() throws IOException {
            server().send("DELETE", address());
            say("deleted; 'innerkeep keys recover " + name() + "' takes it back");
            return 0;
        }
    }

    /** Takes a deletion back. */
    @Command(name = "recover", mixinStandardHelpOptions = true, description = "Takes the deletion of a key back.",
            footer = {"", "Example: innerkeep keys recover patients"})
    static final class Recover extends OnKey {
        @Override
        public Integer call() throws IOException {
            say(server().send("POST", address() + "/recover"));
            return 0;
        }
    }

    /** Destroys a deleted key. */
    @Command(
            name = "purge",
            mixinStandardHelpOptions = true,
            description = "Destroys a deleted key for ever: no file that was sealed to it can be released any more.",
            footer = {"", "Example: innerkeep keys purge patients"})
    static final class Purge extends OnKey {
        @Override
        public Integer call() throws IOException {
            server().send("POST", address() + "/purge");
            say("purged");
            return 0;
        }
    }
}
