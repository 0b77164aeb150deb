package org.innerkeep.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.cli.project.MavenRepository;
import org.innerkeep.cli.project.MavenSettings;
import org.innerkeep.cli.project.ProjectName;
import org.innerkeep.cli.project.ProjectTemplate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a project. */
@Command(
        name = "new",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a Maven project with an enclave, a host, a client and tests, which builds and passes at once, and a signing key"
                    + " for it.",
            "Copies Innerkeep's libraries into the local Maven repository where they are absent or different there."
        },
        footer = {
            "",
            "Examples:",
            "  innerkeep new salaries",
            "  innerkeep new salary-benchmark --package org.acme.salaries --folder /src/benchmark"
        })
final class NewCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "The project's and the enclave's: lower-case letters, digits, hyphens.")
    private String name;

    @Option(names = "--package", paramLabel = "PACKAGE", description = "The Java package (com.example.NAME).")
    private Optional<String> javaPackage = Optional.empty();

    @Option(names = "--folder", paramLabel = "DIR", description = "A folder that is empty or does not exist (./NAME).")
    private Optional<Path> folder = Optional.empty();

    @Option(
            names = "--maven-repository",
            paramLabel = "DIR",
            description = "The local Maven repository (the one that Maven's settings name, else ~/.m2/repository).")
    private Optional<Path> mavenRepository = Optional.empty();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        ProjectName named = named();
        Path libraries = builtLibraries();
        MavenRepository repository = new MavenRepository(
                mavenRepository.isPresent() ? mavenRepository.get() : MavenSettings.ofThisProcess().localRepository());
        Path made = folder.orElseGet(() -> Path.of(name));
        SignerKey key = ProjectTemplate.make(made, named, Main.VERSION);
        int copied = repository.takeFrom(libraries);
        var out = spec.commandLine().getOut();
        out.println("project   " + made + ": modules api, enclave, app in package " + named.javaPackage());
        out.println("key       " + made.resolve("developer.pem") + ": signs your enclaves; keep it, and keep it secret");
        out.println("signer    " + key.id());
        out.println("libraries " + (copied == 0 ? "are in " : copied + " files copied to ") + repository.folder());
        out.println("next      cd " + made + " && mvn verify");
        return 0;
    }

    private ProjectName named() {
        try {
            return ProjectName.of(name, javaPackage);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    /** The build leaves Innerkeep's own artifacts beside the classes of this command. */
    private static Path builtLibraries() throws IOException {
        try {
            Path classes = Path.of(NewCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            for (Path above = classes.getParent(); above != null && above.getNameCount() > 0; above = above.getParent()) {
                if (Files.isDirectory(above.resolve("repository/org/innerkeep"))) {
                    return above.resolve("repository");
                }
                if (above.endsWith("target")) {
                    break;
                }
            }
            throw new IOException("Innerkeep's libraries for Maven are not beside " + classes + ": build with 'mvn package'");
        } catch (URISyntaxException e) {
            throw new IOException("Innerkeep's libraries for Maven cannot be found", e);
        }
    }
}
