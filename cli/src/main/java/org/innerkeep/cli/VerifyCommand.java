package org.innerkeep.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Measurement;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Connects to an enclave and prints what it proves. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Connects to an enclave, has it prove itself afresh, and prints what is proven, or every reason why not.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the enclave is trusted", "1:it is refused, or cannot be reached", "2:the command line is wrong"},
        footer = {
            "",
            "Examples:",
            "  innerkeep verify 127.0.0.1:8443 --anchor keeper.anchor --measurement sha-256:12ab…",
            "  innerkeep verify 127.0.0.1:8443 --anchor keeper.anchor --signer 34cd… --product 1 --svn 2"
        })
final class VerifyCommand implements Callable<Integer> {
    private static final int MAX_ANCHOR_BYTES = 4096;

    static final class Code {
        @Option(names = "--measurement", paramLabel = "ALG:HEX", description = "The only measurement accepted.")
        private @Nullable String measurement;

        @ArgGroup(exclusive = false)
        private @Nullable Signed signed;
    }

    static final class Signed {
        @Option(names = "--signer", required = true, paramLabel = "HEX", description = "The developer's key id.")
        private String signer;

        @Option(names = "--product", required = true, paramLabel = "N", description = "The product id.")
        private long product;

        @Option(names = "--svn", required = true, paramLabel = "N", description = "The oldest security version accepted.")
        private long svn;
    }

    @Parameters(paramLabel = "HOST:PORT", description = "Where the enclave's host listens.")
    private String address;

    @Option(
            names = "--anchor",
            required = true,
            paramLabel = "FILE",
            description = "The keeper's public key, as its administrator told you.")
    private Path anchor;

    @ArgGroup(multiplicity = "1")
    private Code code;

    @Option(names = "--allow-same-user", description = "Accept an enclave that shares its user with its host.")
    private boolean allowSameUser;

    @Option(names = "--allow-debug", description = "Accept a debug enclave, which whoever runs it can read.")
    private boolean allowDebug;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        InetSocketAddress where = Addresses.parse(spec.commandLine(), address);
        var wanted = trust();
        KeeperAnchor keeper = NamedFile.read(
                anchor, in -> KeeperAnchor.parse(new String(in.readNBytes(MAX_ANCHOR_BYTES), StandardCharsets.UTF_8).strip()));
        Trust trust = wanted.on(keeper);
        trust = allowSameUser ? trust.allowSameUser() : trust;
        trust = allowDebug ? trust.allowDebug() : trust;
        try (Client client = Client.connect(where, trust)) {
            print(client.claims());
        }
        return 0;
    }

    private Trust trust() {
        try {
            Signed signed = code.signed;
            return signed != null
                    ? Trust.signer(Bytes.fromHex(signed.signer), signed.product, signed.svn)
                    : Trust.measurement(Measurement.parse(String.valueOf(code.measurement)));
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), "not what an enclave measures to: " + e.getMessage());
        }
    }

    private static String shown(OptionalLong number) {
        return number.isPresent() ? Long.toString(number.getAsLong()) : "none";
    }

    private void print(Claims claims) {
        var out = spec.commandLine().getOut();
        out.println("trusted");
        out.println("  platform          " + claims.platform());
        out.println("  measurement       " + claims.measurement().map(Object::toString).orElse("none"));
        out.println("  signer            " + claims.signer().map(Bytes::hex).orElse("none"));
        out.println("  product-id        " + shown(claims.productId()));
        out.println("  security-version  " + shown(claims.securityVersion()));
        out.println("  debug             " + claims.debug());
        out.println("  issued-at         " + claims.issuedAt().map(Object::toString).orElse("not stated"));
        claims.details().forEach((name, value) -> out.printf("  %-17s %s%n", name, value));
        out.flush();
    }
}
