package org.innerkeep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.innerkeep.attestation.log.LogAnchor;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.attestation.log.LogExport;
import org.innerkeep.attestation.log.LogHead;
import org.innerkeep.attestation.log.LogSource;
import org.innerkeep.attestation.log.LogVerdict;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoredLog;
import org.innerkeep.cli.files.NamedFile;
import org.innerkeep.cli.text.Shown;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The transparency log of an attestation service: verified, shown, copied. */
@Command(
        name = "log",
        mixinStandardHelpOptions = true,
        description = "Verifies receipts and the transparency log of an attestation service, shows the log, or copies it to a file.",
        footer = {"", "Example: innerkeep log verify token.receipt --anchor service.log-anchor"},
        subcommands = {LogCommand.Verify.class, LogCommand.Show.class, LogCommand.Export.class})
final class LogCommand implements Runnable {
    private static final int NO_LOG = 2;
    private static final int NOT_FOUND_OUT = 3;
    private static final int MAX_ANCHOR_BYTES = 1024;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do: verify, show or export");
    }

    /** A log that somebody names, opened. */
    private sealed interface Opened extends AutoCloseable {
        LogSource source();

        @Override
        void close() throws IOException;

        record Store(StoredLog source) implements Opened {
            @Override
            public void close() {
                source.close();
            }
        }

        record Export(LogExport source) implements Opened {
            @Override
            public void close() throws IOException {
                source.close();
            }
        }

        static Opened open(String where) throws IOException {
            StoreLocation location = StoreLocation.parse(where);
            if (location instanceof StoreLocation.Sqlite(Path file) && Files.isRegularFile(file) && LogExport.looksLike(file)) {
                return new Export(LogExport.open(file));
            }
            return new Store(StoredLog.open(location));
        }
    }

    /** Verifies. */
    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = {
                "Verifies receipts with the pinned key of the log; with --log, also that the whole log is intact and contains what they say.",
                "A log that was rewritten, truncated or shown in two versions is convicted by any receipt from before."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:nothing contradicts",
                "1:a receipt or the log is convicted",
                "2:a file is no receipt, or the command line is wrong",
                "3:it could not be found out: the log cannot be read"
            },
            footer = {
                "",
                "A receipt is a file of its bytes, or of the text in the answer's header x-innerkeep-receipt.",
                "",
                "Examples:",
                "  innerkeep log verify token.receipt --anchor service.log-anchor",
                "  innerkeep log verify *.receipt --anchor service.log-anchor --log exported.log",
                "  innerkeep log verify --anchor service.log-anchor --log store.db"
            })
    static final class Verify implements Callable<Integer> {
        @Parameters(arity = "0..*", paramLabel = "RECEIPT", description = "Files of receipts.")
        private final List<Path> receipts = new ArrayList<>();

        @Option(names = "--anchor", required = true, paramLabel = "FILE", description = "The log's public key, as you pinned it.")
        private Path anchor;

        @Option(
                names = "--log",
                paramLabel = "STORE|FILE",
                description = "The log: a store's SQLite file, a jdbc:postgresql: URL, or an exported log.")
        private @Nullable String log;

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            if (receipts.isEmpty() && log == null) {
                throw new CommandLine.ParameterException(spec.commandLine(), "give receipts, or a log by --log, or both");
            }
            PrintWriter out = spec.commandLine().getOut();
            PrintWriter err = spec.commandLine().getErr();
            LogVerifier verifier = new LogVerifier(anchor());
            List<Receipt> parsed = new ArrayList<>();
            for (Path file : receipts) {
                try {
                    parsed.add(Receipt.parse(NamedFile.read(file, in -> receiptBytes(in.readNBytes(2 * Receipt.MAX_BYTES)))));
                } catch (MalformedException e) {
                    err.println("innerkeep: " + file + ": " + Shown.line(String.valueOf(e.getMessage())));
                    return NO_LOG;
                }
            }
            LogVerdict verdict;
            if (log == null) {
                verdict = verifier.verify(parsed);
            } else {
                try (Opened opened = open(log)) {
                    verdict = verifier.verify(parsed, opened.source());
                    opened.source().head().ifPresent(head -> out.println("log       " + shown(head)));
                } catch (IOException e) {
                    err.println("innerkeep: " + Shown.line(String.valueOf(e.getMessage())));
                    return NOT_FOUND_OUT;
                }
            }
            parsed.forEach(each -> out.println("receipt   " + each.entry()));
            switch (verdict) {
                case LogVerdict.Intact intact -> out.println("intact");
                case LogVerdict.Convicted convicted -> {
                    out.println("convicted");
                    convicted.findings().forEach(each -> out.println("  " + each));
                }
            }
            out.flush();
            return verdict.intact() ? 0 : Main.FAILED;
        }

        private Opened open(String where) throws IOException {
            try {
                return Opened.open(where);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.ParameterException(spec.commandLine(), "--log: " + e.getMessage());
            }
        }

        private LogAnchor anchor() throws IOException {
            return NamedFile.read(
                    anchor, in -> LogAnchor.parse(new String(in.readNBytes(MAX_ANCHOR_BYTES), StandardCharsets.UTF_8).strip()));
        }

        /** A receipt's first byte is no character, so text is told from bytes by it. */
        private static byte[] receiptBytes(byte[] content) {
            if (content.length == 0 || content[0] < 0) {
                return content;
            }
            try {
                return Base64.getUrlDecoder().decode(new String(content, StandardCharsets.ISO_8859_1).strip());
            } catch (IllegalArgumentException _) {
                // It is no receipt, and the parser says so.
                return content;
            }
        }
    }

    /** Prints leaves. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Prints the head and leaves of a log. Nothing of it is verified.",
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {"0:shown", "1:the log cannot be read", "2:the command line is wrong"},
            footer = {"", "Example: innerkeep log show store.db --from 1000 --count 20"})
    static final class Show implements Callable<Integer> {
        @Parameters(paramLabel = "STORE|FILE", description = "A store's SQLite file, a jdbc:postgresql: URL, or an exported log.")
        private String log;

        @Option(names = "--from", paramLabel = "N", description = "The first leaf; 0 if not given.")
        private long from;

        @Option(names = "--count", paramLabel = "N", description = "How many leaves at most; all if not given.")
        private long count = Long.MAX_VALUE;

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            if (from < 0 || count < 1) {
                throw new CommandLine.ParameterException(spec.commandLine(), "--from: expected at least 0; --count: at least 1");
            }
            PrintWriter out = spec.commandLine().getOut();
            try (Opened opened = Opened.open(log)) {
                LogSource source = opened.source();
                Optional<LogHead.Signed> head = source.head();
                out.println("not verified; see 'innerkeep log verify'");
                out.println(head.map(LogCommand::shown).orElse("no head"));
                long place = source instanceof LogExport ? 0 : from;
                for (long left = count; left > 0; ) {
                    List<Bytes> leaves = source.leaves(place, LogSource.MAX_LEAVES);
                    if (leaves.isEmpty()) {
                        break;
                    }
                    for (Bytes leaf : leaves) {
                        if (place >= from && left > 0) {
                            out.println(line(place, leaf));
                            left--;
                        }
                        place++;
                    }
                }
            }
            out.flush();
            return 0;
        }

        private static String line(long place, Bytes leaf) {
            try {
                return LogEntry.parse(leaf.toArray()).toString();
            } catch (MalformedException e) {
                return place + " is no leaf: " + Shown.line(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Copies. */
    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = "Copies the log of a store to a file, for others to verify. It holds digests, and neither evidence nor keys.",
            footer = {"", "Example: innerkeep log export store.db -o exported.log"})
    static final class Export implements Callable<Integer> {
        @Parameters(paramLabel = "STORE", description = "A store's SQLite file, or a jdbc:postgresql: URL.")
        private String log;

        @Option(names = {"-o", "--output"}, required = true, paramLabel = "FILE", description = "The file to write.")
        private Path output;

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            try (Opened opened = Opened.open(log)) {
                NewFile.write(output, out -> LogExport.write(opened.source(), out));
            }
            spec.commandLine().getOut().println("exported  " + output);
            return 0;
        }
    }

    private static String shown(LogHead.Signed head) {
        return head + ", log " + head.logId().hex();
    }
}
