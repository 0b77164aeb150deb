package org.innerkeep.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.innerkeep.channel.file.Armor;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.cli.files.NamedFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Decrypts a file that was sealed in the age v1 format. */
@Command(
        name = "unseal",
        mixinStandardHelpOptions = true,
        description = {
            "Decrypts a sealed file; the age tool's files are read too. Writes nothing if the file was changed.",
            "To the standard output it writes what is proven so far: use it only if the command then ends with exit code 0."
        },
        footer = {
            "",
            "Examples:",
            "  innerkeep unseal --identity hospital.age result.age -o result.bin",
            "  ssh backup cat clinic.age | innerkeep unseal --identity hospital.age - -o clinic.sql"
        })
final class UnsealCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The file to decrypt, or - for the standard input.")
    private Path file;

    @Option(
            names = {"-i", "--identity"},
            required = true,
            paramLabel = "KEYFILE",
            description = "A file of age identities, as keygen writes. Repeatable.")
    private List<Path> identityFiles;

    @Option(names = {"-o", "--output"}, required = true, paramLabel = "OUT",
            description = "The file to write, or - for the standard output.")
    private Path output;

    @Override
    public Integer call() throws IOException {
        List<Identity> identities = new ArrayList<>();
        try {
            for (Path identityFile : identityFiles) {
                identities.addAll(NamedFile.read(identityFile, Identity::readFile));
            }
            if (StandardStreams.named(output)) {
                unseal(identities, StandardStreams.out());
            } else {
                NewFile.write(output, out -> unseal(identities, out));
            }
        } finally {
            identities.forEach(Identity::close);
        }
        return 0;
    }

    private void unseal(List<Identity> identities, OutputStream out) throws IOException {
        NamedFile.Reading<Long> opening = in -> SealedFile.unseal(Armor.detect(in), out, identities, FileWorkers.of(file));
        if (StandardStreams.named(file)) {
            opening.from(StandardStreams.in());
        } else {
            NamedFile.read(file, opening);
        }
    }
}
