package org.innerkeep.packing;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.Packer;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;

/**
 * Packs in a process of its own, for builds that run on an older Java. Arguments: {@code --properties FILE}, {@code --jar FILE}
 * (repeated), {@code --output FOLDER}, and where there are some {@code --key FILE}, {@code --sbom FILE}.
 */
public final class PackTool {
    private PackTool() {}

    /**
     * Packs; exits with 0, or with 1 after one message on standard error.
     *
     * @param arguments as above
     */
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.out, System.err));
    }

    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        try {
            pack(arguments, out);
            return 0;
        } catch (IOException | BundleException | GeneralSecurityException | IllegalArgumentException e) {
            err.println(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
            return 1;
        }
    }

    private static void pack(List<String> arguments, PrintStream out)
            throws IOException, BundleException, GeneralSecurityException {
        Map<String, Path> single = new HashMap<>();
        List<Path> jars = new ArrayList<>();
        for (int i = 0; i + 1 < arguments.size(); i += 2) {
            Path value = Path.of(arguments.get(i + 1));
            switch (arguments.get(i)) {
                case "--jar" -> jars.add(value);
                case "--properties", "--output", "--key", "--sbom" -> single.put(arguments.get(i), value);
                default -> throw new IllegalArgumentException("unknown argument " + arguments.get(i));
            }
        }
        Path properties = required(single, "--properties");
        Path folder = Files.createDirectories(required(single, "--output"));
        if (!SdkJars.among(jars)) {
            throw new IOException("the runtime is not among the dependencies: add org.innerkeep:innerkeep-enclave");
        }
        Packer packer = Packing.prepare(properties, jars, Optional.ofNullable(single.get("--sbom")));
        Path key = single.get("--key");
        // Without a key the bundle is signed by one that nobody keeps: it can be measured, compared and signed again.
        SigningKey signer = key == null ? SigningKey.generate(SignerKey.Algorithm.P256) : SigningKey.read(key);
        Path bundle = folder.resolve(packer.manifest().name() + ".enclave");
        Files.deleteIfExists(bundle);
        packer.write(bundle, signer);
        Files.writeString(
                folder.resolve(bundle.getFileName() + ".sha256"),
                packer.manifest().digest() + "  bundle digest of " + bundle.getFileName() + "\n",
                StandardCharsets.US_ASCII);
        out.println("bundle  " + bundle);
        out.println("digest  " + packer.manifest().digest());
        out.println("signer  " + (key == null
                ? "none: packed without a key, sign it with 'innerkeep sign'"
                : signer.publicKey().id().toString()));
        out.println("modules " + String.join(", ", packer.manifest().javaModules()));
        Sizing sizing = Sizing.of(packer.manifest(), jars);
        out.println("memory  " + sizing.explain());
        sizing.advice().forEach(line -> out.println("advice  " + line));
    }

    private static Path required(Map<String, Path> arguments, String name) {
        Path value = arguments.get(name);
        if (value == null) {
            throw new IllegalArgumentException("argument " + name + " is missing");
        }
        return value;
    }
}
