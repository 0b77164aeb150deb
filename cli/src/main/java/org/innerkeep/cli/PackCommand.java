package org.innerkeep.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.innerkeep.bundle.Packer;
import org.innerkeep.bundle.SigningKey;
import org.innerkeep.packing.Packing;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a bundle. */
@Command(
        name = "pack",
        mixinStandardHelpOptions = true,
        description = "Packs an enclave's jars into a signed bundle. The runtime's own jars are added.",
        footer = {
            "",
            "Example: innerkeep pack enclave.properties --jar target/fraud.jar --key developer.pem -o fraud.enclave",
            "",
            "The properties file says what the enclave is:",
            "  name = fraud                     lower-case letters, digits, hyphens",
            "  program = com.example.Fraud      implements EnclaveProgram",
            "  product = 7                      product id",
            "  svn = 1                          security version; raise it with every security fix",
            "  heap = 256m                      Java heap; optional, as is everything below",
            "  threads = 16                     the most calls served at once",
            "  secret-heap = true               the heap lies in secret memory where the machine has it",
            "  demands = secret-heap            what must confine the enclave, or it is not started",
            "  debug = false                    a debug enclave can be read by whoever runs it",
            "  modules = java.base              JDK modules that the program needs; computed where absent",
            "  client-interfaces = a.B, a.C     what it offers to clients",
            "  host-interfaces = a.D            what it offers to, or needs from, its host",
            "  native.linux-x86_64 = lib/x.so   native libraries inside the jars, unpacked and measured",
            "  drop-native = lib/x.dll          native code inside the jars that is left out"
        })
final class PackCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PROPERTIES", description = "The file that says what the enclave is.")
    private Path properties;

    @Option(names = "--jar", paramLabel = "JAR", required = true, description = "A jar of the program. Repeatable.")
    private List<Path> jars;

    @Option(
            names = "--key",
            paramLabel = "PEM",
            description = "The developer's signing key, from 'innerkeep keygen --signing'.")
    private Optional<Path> key = Optional.empty();

    @Option(names = "--unsigned", description = "Leave the signature to 'innerkeep sign'. So does leaving --key out.")
    private boolean unsigned;

    @Option(names = "--sbom", paramLabel = "JSON", description = "The bill of materials (CycloneDX) to carry in the bundle.")
    private Optional<Path> sbom = Optional.empty();

    @Option(names = {"-o", "--output"}, paramLabel = "BUNDLE", description = "The bundle to write (NAME.enclave).")
    private Optional<Path> output = Optional.empty();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (unsigned && key.isPresent()) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--unsigned and --key exclude each other");
        }
        Packing packing = Packing.prepare(properties, jars, sbom);
        Packer packer = packing.packer();
        Path bundle = output.orElseGet(() -> Path.of(packer.manifest().name() + ".enclave"));
        String signer = "nobody; sign it with 'innerkeep sign'";
        if (key.isPresent()) {
            SigningKey signingKey = SigningKey.read(key.get());
            packer.write(bundle, signingKey);
            signer = signingKey.publicKey().id().toString();
        } else {
            packer.writeUnsigned(bundle);
        }
        var out = spec.commandLine().getOut();
        out.println("bundle  " + bundle);
        out.println("digest  " + packer.manifest().digest());
        out.println("signer  " + signer);
        packing.notes().forEach(out::println);
        return 0;
    }
}
