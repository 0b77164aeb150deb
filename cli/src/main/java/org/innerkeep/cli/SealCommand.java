package org.innerkeep.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.innerkeep.channel.file.Armor;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.cli.keys.KeyOption;
import org.innerkeep.evidence.Bytes;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Encrypts a file to recipients, in the age v1 format. */
@Command(
        name = "seal",
        mixinStandardHelpOptions = true,
        description = {
            "Encrypts a file to one or more recipients, in the age v1 format, which the age tool reads too.",
            "Prints the digest of the header of a file that it writes, which tells the file from every other that anybody seals to"
                    + " the same recipients."
        },
        footer = {
            "",
            "Examples:",
            "  innerkeep seal --recipient age1pq1… patients.csv -o patients.age",
            "  innerkeep seal --key patients patients.csv -o patients.age",
            "  pg_dump clinic | innerkeep seal --key clinic - -o - | ssh backup 'cat > clinic.age'"
        })
final class SealCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The file to encrypt, or - for the standard input.")
    private Path file;

    @Option(
            names = {"-r", "--recipient"},
            paramLabel = "age1pq1…",
            description = "Who can open it, as keygen printed it: hybrid (age1pq1…) or classic (age1…). Repeatable, of one kind.")
    private List<String> recipients = List.of();

    @Option(names = "--key", paramLabel = "NAME",
            description = "A key of your vault, whose recipient is asked for. Repeatable.")
    private List<String> keys = List.of();

    @Mixin
    private KeyOption vault;

    @Option(names = {"-o", "--output"}, required = true, paramLabel = "OUT",
            description = "The file to write, or - for the standard output.")
    private Path output;

    @Option(names = {"-a", "--armor"}, description = "Write text that survives mail.")
    private boolean armor;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (recipients.isEmpty() && keys.isEmpty()) {
            throw new CommandLine.ParameterException(spec.commandLine(), "say for whom: --recipient, or --key for a key of your vault");
        }
        List<Recipient> parsed = new ArrayList<>();
        for (String recipient : recipients) {
            parsed.add(Recipient.parse(recipient));
        }
        for (String key : keys) {
            parsed.add(Recipient.parse(vault.recipient(key)));
        }
        if (StandardStreams.named(output)) {
            seal(parsed, StandardStreams.out());
            return 0;
        }
        NewFile.write(output, out -> seal(parsed, out));
        try (InputStream in = Files.newInputStream(output)) {
            spec.commandLine().getOut().println("header     "
                    + Bytes.sha256(SealedFile.header(armor ? Armor.reader(in) : in).toArray()).hex());
        }
        return 0;
    }

    private void seal(List<Recipient> to, OutputStream out) throws IOException {
        try (InputStream in = StandardStreams.named(file) ? StandardStreams.in() : Files.newInputStream(file)) {
            // Not closed where something fails: the armor would look whole.
            OutputStream sealed = armor ? Armor.writer(out) : out;
            SealedFile.seal(in, sealed, to, new SecureRandom(), FileWorkers.of(file));
            sealed.close();
        }
    }
}
