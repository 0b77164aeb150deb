package org.innerkeep.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.Digest;
import org.innerkeep.bundle.SignableBundle;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Signs a bundle that was packed before, with a key that may be somewhere else. */
@Command(
        name = "sign",
        mixinStandardHelpOptions = true,
        description = "Signs a bundle, or gives a signed one another signer. Its digest stays the same.",
        footer = {
            "",
            "Examples:",
            "  innerkeep sign fraud.enclave --key developer.pem",
            "  innerkeep sign fraud.enclave --pkcs11-library /usr/lib/softhsm/libsofthsm2.so --token release \\",
            "      --key-label bundles --pin-file pin.txt",
            "",
            "With a key on another machine:",
            "  innerkeep sign fraud.enclave --digest -o fraud.tbs",
            "  openssl dgst -sha256 -sign key.pem -out fraud.sig fraud.tbs      (there)",
            "  innerkeep sign fraud.enclave --public-key key.pub.pem --signature fraud.sig"
        })
final class SignCommand implements Callable<Integer> {
    private static final int MAX_SIGNATURE_BYTES = 1024;

    @Parameters(paramLabel = "BUNDLE", description = "The bundle's file, signed or not.")
    private Path bundle;

    @ArgGroup(multiplicity = "1")
    private How how;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to write: the signed bundle (in place, if not given), or with --digest the bytes to be signed.")
    private Optional<Path> output = Optional.empty();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    static final class How {
        @Option(
                names = "--digest",
                description = "Sign nothing; print SHA-256 of the bytes to be signed, and with -o write these bytes.")
        private boolean digest;

        @Option(names = "--key", paramLabel = "PEM", description = "Sign with this key, from 'innerkeep keygen --signing'.")
        private @Nullable Path key;

        @ArgGroup(exclusive = false)
        private @Nullable MadeElsewhere made;

        @ArgGroup(exclusive = false)
        private @Nullable OnToken onToken;
    }

    static final class MadeElsewhere {
        @Option(names = "--public-key", paramLabel = "PEM", required = true, description = "The public key of whoever signed.")
        private Path publicKey;

        @Option(
                names = "--signature",
                paramLabel = "FILE",
                required = true,
                description = "The signature: ECDSA P-256 with SHA-256 in DER, as openssl makes it; or the 64 bytes of Ed25519.")
        private Path signature;
    }

    static final class OnToken {
        @ArgGroup(multiplicity = "1")
        private WhichToken which;

        @Option(names = "--key-label", paramLabel = "L", required = true, description = "The label of the key and its certificate.")
        private String label;

        @Option(
                names = "--pin-file",
                paramLabel = "FILE",
                required = true,
                description = "A file with the token's PIN that only you can read.")
        private Path pin;
    }

    static final class WhichToken {
        @Option(names = "--pkcs11", paramLabel = "CONFIG", description = "A configuration file of the JDK's SunPKCS11 provider.")
        private @Nullable Path config;

        @ArgGroup(exclusive = false)
        private @Nullable ByLabel byLabel;
    }

    static final class ByLabel {
        @Option(names = "--pkcs11-library", paramLabel = "LIB", required = true, description = "The token's PKCS#11 library.")
        private Path library;

        @Option(names = "--token", paramLabel = "LABEL", required = true, description = "The token's label.")
        private String token;
    }

    @Override
    public Integer call() throws Exception {
        SignableBundle signable = read();
        Path to = output.orElse(bundle);
        Path key = how.key;
        MadeElsewhere made = how.made;
        OnToken onToken = how.onToken;
        if (how.digest) {
            return say(signable);
        } else if (key != null) {
            SigningKey signer = SigningKey.read(key);
            signable.write(to, signer);
            return done(to, signable, signer.publicKey());
        } else if (made != null) {
            SignerKey signer = SignerKey.read(made.publicKey);
            signable.write(to, signer, signer.algorithm().decodeSignature(readSignature(made.signature)));
            return done(to, signable, signer);
        } else if (onToken != null) {
            try (Pkcs11Key signer = open(onToken)) {
                signable.write(to, signer);
                return done(to, signable, signer.publicKey());
            }
        }
        throw new IllegalStateException("picocli let none of the ways to sign pass");
    }

    private SignableBundle read() throws IOException {
        try {
            return SignableBundle.read(bundle);
        } catch (BundleException e) {
            throw new IOException(bundle + ": " + e.getMessage(), e);
        }
    }

    private int say(SignableBundle signable) throws IOException {
        byte[] bytes = signable.toBeSigned();
        var out = spec.commandLine().getOut();
        if (output.isPresent()) {
            Files.write(output.get(), bytes);
            out.println("written " + output.get() + ", " + bytes.length + " bytes to be signed");
        }
        out.println("bundle  " + signable.manifest().digest());
        out.println("sha-256 " + Digest.sha256(bytes));
        return 0;
    }

    private int done(Path to, SignableBundle signable, SignerKey signer) {
        var out = spec.commandLine().getOut();
        out.println("bundle  " + to);
        out.println("digest  " + signable.manifest().digest());
        out.println("signer  " + signer.id());
        return 0;
    }

    private static byte[] readSignature(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_SIGNATURE_BYTES + 1);
            if (bytes.length > MAX_SIGNATURE_BYTES) {
                throw new IOException(file + ": expected a signature of at most " + MAX_SIGNATURE_BYTES + " bytes, found more");
            }
            return bytes;
        }
    }

    private static Pkcs11Key open(OnToken token) throws Exception {
        Path config = token.which.config;
        ByLabel byLabel = token.which.byLabel;
        if (config != null) {
            return Pkcs11Key.open(config.toString(), token.label, token.pin);
        } else if (byLabel != null) {
            return Pkcs11Key.open(Pkcs11Slots.configuration(byLabel.library, byLabel.token), token.label, token.pin);
        }
        throw new IllegalStateException("picocli let no token pass");
    }
}
