package org.innerkeep.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes keys. */
@Command(
        name = "keygen",
        mixinStandardHelpOptions = true,
        description = "Makes a key and writes it to a new file that only you can read; prints the public half.",
        footer = {
            "",
            "Examples:",
            "  innerkeep keygen --signing developer.pem     to sign bundles",
            "  innerkeep keygen --identity hospital.age     to seal files to, and unseal them; the age tool reads it",
            "  innerkeep keygen --identity old.age --classic   the same for an age tool older than 1.3"
        })
final class KeygenCommand implements Callable<Integer> {
    static final class Kind {
        @Option(names = "--signing", paramLabel = "FILE", description = "A P-256 signing key, PEM.")
        private @Nullable Path signing;

        @Option(
                names = "--identity",
                paramLabel = "FILE",
                description = "An age identity, hybrid (ML-KEM-768 and X25519): safe against later quantum computers.")
        private @Nullable Path identity;
    }

    @ArgGroup(multiplicity = "1")
    private Kind kind;

    @Option(
            names = "--classic",
            description = "With --identity: X25519 alone, for tools that do not know hybrid keys. Never mixed with hybrid ones.")
    private boolean classic;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        var out = spec.commandLine().getOut();
        Path signing = kind.signing;
        Path identityFile = kind.identity;
        if (classic && identityFile == null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--classic goes with --identity");
        }
        if (signing != null) {
            refuseExisting(signing);
            SigningKey key = SigningKey.generate(SignerKey.Algorithm.P256);
            key.write(signing);
            out.println("signer " + key.publicKey().id());
        } else if (identityFile != null) {
            refuseExisting(identityFile);
            try (Identity identity = Identity.generate(classic ? KeyKind.CLASSIC : KeyKind.HYBRID, new SecureRandom())) {
                NewFile.write(identityFile, to -> identity.writeFile(to, Instant.now()));
                out.println("recipient " + identity.recipient());
            }
        }
        return 0;
    }

    private static void refuseExisting(Path file) throws IOException {
        if (Files.exists(file)) {
            throw new IOException(file + " exists; a key is never overwritten: name another file");
        }
    }
}
