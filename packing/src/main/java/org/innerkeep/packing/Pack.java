package org.innerkeep.packing;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.bundle.Packer;
import org.innerkeep.bundle.SigningKey;
import org.jspecify.annotations.Nullable;

/**
 * Packs, as a program of its own for build tools that run on an older Java.
 *
 * <pre>
 * java -cp … org.innerkeep.packing.Pack --properties FILE --jar JAR… --output-folder DIR [--key PEM] [--sbom FILE]
 * </pre>
 *
 * Without a key the bundle is not signed, and nobody starts or trusts it until it is. It writes {@code NAME.enclave} and, beside it, {@code NAME.enclave.sha256} with the lines {@code digest} and {@code signer}, and
 * prints what it did, a line each, {@code bundle PATH} the first. A failure is one message on standard error and exit code 1.
 */
public final class Pack {
    private @Nullable Path properties;
    private @Nullable Path folder;
    private Optional<Path> key = Optional.empty();
    private Optional<Path> sbom = Optional.empty();
    private final List<Path> jars = new ArrayList<>();

    private Pack() {}

    /**
     * Packs and ends the process.
     *
     * @param arguments the command line, see above
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    static int run(String[] arguments, PrintStream out, PrintStream err) {
        try {
            parse(arguments).pack(out);
            return 0;
        } catch (NoSuchFileException e) {
            err.println(e.getMessage() + ": no such file");
        } catch (AccessDeniedException e) {
            err.println(e.getMessage() + ": permission denied");
        } catch (Exception e) {
            err.println(e.getMessage() == null ? e.toString() : e.getMessage());
        }
        return 1;
    }

    private static Pack parse(String[] arguments) throws IOException {
        Pack pack = new Pack();
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                throw new IOException("command line: expected a value after " + arguments[i]);
            }
            Path value = Path.of(arguments[i + 1]);
            switch (arguments[i]) {
                case "--properties" -> pack.properties = value;
                case "--jar" -> pack.jars.add(value);
                case "--key" -> pack.key = Optional.of(value);
                case "--sbom" -> pack.sbom = Optional.of(value);
                case "--output-folder" -> pack.folder = value;
                default -> throw new IOException(
                        "command line: expected --properties, --jar, --key, --sbom or --output-folder, found " + arguments[i]);
            }
        }
        return pack;
    }

    private void pack(PrintStream out) throws Exception {
        Path file = given(properties, "--properties");
        Path into = given(folder, "--output-folder");
        Packing packing = Packing.prepare(file, jars, sbom);
        Packer packer = packing.packer();
        Path bundle = into.resolve(packer.manifest().name() + ".enclave");
        String signer = "nobody; sign it with 'innerkeep sign'";
        if (key.isPresent()) {
            SigningKey signingKey = SigningKey.read(key.get());
            packer.write(bundle, signingKey);
            signer = signingKey.publicKey().id().toString();
        } else {
            packer.writeUnsigned(bundle);
        }
        String identity = "digest " + packer.manifest().digest() + "\nsigner " + signer + "\n";
        Files.writeString(into.resolve(bundle.getFileName() + ".sha256"), identity);
        out.println("bundle " + bundle);
        out.print(identity);
        packing.notes().forEach(out::println);
        out.flush();
    }

    private static Path given(@Nullable Path value, String option) throws IOException {
        if (value == null) {
            throw new IOException("command line: expected " + option + ", found none");
        }
        return value;
    }
}
