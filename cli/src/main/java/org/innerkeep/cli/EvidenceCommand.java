package org.innerkeep.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.innerkeep.cli.text.FieldTree;
import org.innerkeep.cli.text.Shown;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Evidence;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verifier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks at evidence without verifying it. */
@Command(
        name = "evidence",
        mixinStandardHelpOptions = true,
        description = "Shows evidence without verifying it, or joins evidence that comes in parts.",
        footer = {"", "Example: innerkeep evidence show quote.bin"},
        subcommands = {EvidenceCommand.Show.class, EvidenceCommand.Join.class})
final class EvidenceCommand implements Runnable {
    private static final int NO_EVIDENCE = 2;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do: show or join");
    }

    /** Prints every field. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Prints every field of evidence. Nothing of it is verified.",
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {"0:shown", "1:the file cannot be read", "2:it is no evidence, or the command line is wrong"},
            footer = {"", "Example: innerkeep evidence show quote.bin"})
    static final class Show implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", description = "A file of evidence.")
        private Path file;

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            byte[] bytes = EvidenceFile.read(file);
            var out = spec.commandLine().getOut();
            var err = spec.commandLine().getErr();
            Optional<Evidence> evidence;
            try {
                evidence = bytes.length > Verifier.MAX_EVIDENCE_BYTES ? Optional.empty() : Evidence.parse(bytes);
            } catch (MalformedException e) {
                err.println("innerkeep: " + file + ": " + Shown.line(String.valueOf(e.getMessage())));
                return NO_EVIDENCE;
            }
            if (evidence.isEmpty()) {
                err.println("innerkeep: " + file + ": " + bytes.length + " bytes, and no evidence of a kind that is known");
                return NO_EVIDENCE;
            }
            out.println("not verified; see 'innerkeep verify'");
            new FieldTree(out).print((Record) evidence.get());
            out.flush();
            return 0;
        }
    }

    /** Joins parts. */
    @Command(
            name = "join",
            mixinStandardHelpOptions = true,
            description = "Joins evidence that comes in parts, such as a TPM quote, its signature and the register values, to one file.",
            footer = {
                "",
                "Types and their parts (those in brackets may be absent):",
                "  tpm-quote     quote signature pcrs ak-public [ak-certificate] [event-log] [quote-2 signature-2 …]",
                "  azure-snp     hcl-report tpm-quote tpm-signature pcrs [ak-certificate] [event-log]",
                "  azure-tdx     the same, and td-quote",
                "  tdx-ccel      quote event-log",
                "  snp-report    report certificates",
                "  nvidia-report report certificate-chain",
                "'pcrs' may be what tpm2_pcrread prints.",
                "",
                "Example: innerkeep evidence join --type tpm-quote quote=q.msg signature=q.sig pcrs=pcrs.txt"
                        + " ak-public=ak.pub -o evidence.cbor"
            })
    static final class Join implements Callable<Integer> {
        @Option(names = "--type", required = true, paramLabel = "TYPE", description = "What the parts make up, such as tpm-quote.")
        private String type;

        @Parameters(arity = "1..*", paramLabel = "LABEL=FILE", description = "The parts.")
        private final Map<String, Path> parts = new LinkedHashMap<>();

        @Option(names = {"-o", "--output"}, required = true, paramLabel = "FILE", description = "The file to write.")
        private Path output;

        @CommandLine.Spec
        private CommandLine.Model.CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            Map<String, Bytes> bytes = new LinkedHashMap<>();
            for (Map.Entry<String, Path> each : parts.entrySet()) {
                if (Files.size(each.getValue()) > Verifier.MAX_EVIDENCE_BYTES) {
                    throw new IOException(each.getValue() + ": expected at most " + Verifier.MAX_EVIDENCE_BYTES + " bytes");
                }
                bytes.put(each.getKey(), read(each.getKey(), each.getValue()));
            }
            EvidenceParts joined;
            try {
                joined = new EvidenceParts(EvidenceParts.TYPE_PREFIX + type, bytes);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
            }
            Files.write(output, joined.toByteArray());
            spec.commandLine().getOut().println("joined " + bytes.size() + " parts to " + output);
            return 0;
        }

        private Bytes read(String label, Path file) throws IOException {
            byte[] bytes = Files.readAllBytes(file);
            if (!label.equals("pcrs")) {
                return Bytes.of(bytes);
            }
            try {
                return RegisterText.read(new String(bytes, StandardCharsets.ISO_8859_1))
                        .map(values -> Bytes.of(values.toByteArray()))
                        .orElse(Bytes.of(bytes));
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ": " + e.getMessage(), e);
            }
        }
    }
}
