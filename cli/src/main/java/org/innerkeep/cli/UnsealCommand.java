package org.innerkeep.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.innerkeep.channel.file.Armor;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Decrypts a file that was sealed in the age v1 format. */
@Command(
        name = "unseal",
        mixinStandardHelpOptions = true,
        description = "Decrypts a sealed file; the age tool's files are read too. Writes nothing if the file was changed.",
        footer = {"", "Example: innerkeep unseal --identity hospital.age result.age -o result.bin"})
final class UnsealCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The file to decrypt.")
    private Path file;

    @Option(
            names = {"-i", "--identity"},
            required = true,
            paramLabel = "KEYFILE",
            description = "A file of age identities, as keygen writes. Repeatable.")
    private List<Path> identityFiles;

    @Option(names = {"-o", "--output"}, required = true, paramLabel = "OUT", description = "The file to write.")
    private Path output;

    @Override
    public Integer call() throws IOException {
        List<Identity> identities = new ArrayList<>();
        try {
            for (Path identityFile : identityFiles) {
                identities.addAll(NamedFile.read(identityFile, Identity::readFile));
            }
            NewFile.write(output, out -> NamedFile.read(file, in -> {
                try (InputStream plain = SealedFile.unseal(Armor.detect(in), identities)) {
                    return plain.transferTo(out);
                }
            }));
        } finally {
            identities.forEach(Identity::close);
        }
        return 0;
    }
}
