package org.innerkeep.maven;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.inject.Inject;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.plugins.annotations.ResolutionScope;
import org.apache.maven.project.MavenProject;
import org.apache.maven.project.MavenProjectHelper;
import org.apache.maven.project.ProjectBuilder;
import org.apache.maven.toolchain.Toolchain;
import org.apache.maven.toolchain.ToolchainManager;
import org.jspecify.annotations.Nullable;

/**
 * Packs the project's jar and its runtime dependencies into a signed bundle, {@code NAME.enclave} in the build folder, and attaches
 * it to the project as an artifact of type {@code enclave}. The bundle digest and the signer's id are printed, and written to
 * {@code NAME.enclave.sha256}.
 */
@Mojo(
        name = "pack",
        defaultPhase = LifecyclePhase.PACKAGE,
        requiresDependencyResolution = ResolutionScope.RUNTIME,
        threadSafe = true)
public final class PackMojo extends AbstractMojo {
    private static final String GROUP = "org.innerkeep";

    /** What the enclave is; the keys are those that {@code innerkeep pack --help} lists. */
    @Parameter(property = "innerkeep.properties", defaultValue = "${project.basedir}/src/main/enclave/enclave.properties")
    private File properties;

    /** The developer's signing key, from {@code innerkeep keygen --signing}. */
    @Parameter(property = "innerkeep.key", defaultValue = "${maven.multiModuleProjectDirectory}/developer.pem")
    private File key;

    /** Whether to leave the signature to {@code innerkeep sign}. Nobody starts or trusts the bundle until then. */
    @Parameter(property = "innerkeep.unsigned", defaultValue = "false")
    private boolean unsigned;

    /** The folder of a JDK 25, if neither the build's toolchain nor the usual places have one. */
    @Parameter(property = "innerkeep.jdkHome")
    private @Nullable File jdkHome;

    /** Whether to leave the bundle out of this build. */
    @Parameter(property = "innerkeep.skip", defaultValue = "false")
    private boolean skip;

    @Parameter(defaultValue = "${project.build.directory}", readonly = true)
    private File outputFolder;

    @Parameter(defaultValue = "${project}", readonly = true)
    private MavenProject project;

    @Parameter(defaultValue = "${session}", readonly = true)
    private MavenSession session;

    @Parameter(defaultValue = "${plugin.artifacts}", readonly = true)
    private List<Artifact> pluginArtifacts;

    @Parameter(defaultValue = "${plugin.version}", readonly = true)
    private String pluginVersion;

    private final MavenProjectHelper helper;
    private final ToolchainManager toolchains;
    private final ProjectBuilder projects;

    /**
     * Called by Maven.
     *
     * @param helper attaches the bundle
     * @param toolchains knows the JDK that the build selected
     * @param projects reads the poms of dependencies
     */
    @Inject
    public PackMojo(MavenProjectHelper helper, ToolchainManager toolchains, ProjectBuilder projects) {
        this.helper = helper;
        this.toolchains = toolchains;
        this.projects = projects;
    }

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        if (skip) {
            getLog().info("no bundle: innerkeep.skip is set");
            return;
        }
        checkSdk();
        if (!properties.isFile()) {
            throw new MojoFailureException(properties + ": no such file; it says what the enclave is, and docs/packing.md what it says");
        }
        if (!unsigned && !key.isFile()) {
            throw new MojoFailureException("the signing key " + key + " does not exist: make one with 'innerkeep keygen --signing "
                    + key + "' and keep it out of version control, or name yours with -Dinnerkeep.key=FILE");
        }
        Toolchain toolchain = toolchains.getToolchainFromBuildContext("jdk", session);
        Path jdk = JavaHome.find(
                toolchain == null ? null : toolchain.findTool("java"), jdkHome == null ? null : jdkHome.toPath());
        List<Path> jars = jars();
        List<String> arguments = new ArrayList<>(List.of(
                "--properties", properties.toString(), "--output-folder", outputFolder.toString(), "--sbom", writeSbom().toString()));
        if (!unsigned) {
            arguments.add("--key");
            arguments.add(key.toString());
        }
        for (Path jar : jars) {
            arguments.add("--jar");
            arguments.add(jar.toString());
        }
        List<String> said = new PackProcess(jdk, packingClassPath()).run(arguments);
        said.forEach(getLog()::info);
        String bundle = said.get(0).substring("bundle ".length());
        helper.attachArtifact(project, "enclave", new File(bundle));
    }

    /** The program is compiled against the runtime that is packed with it, and read by the plugin's own: they must be one version. */
    private void checkSdk() throws MojoFailureException {
        Artifact sdk = project.getArtifacts().stream()
                .filter(artifact -> artifact.getGroupId().equals(GROUP) && artifact.getArtifactId().equals("innerkeep-enclave"))
                .findFirst()
                .orElseThrow(() -> new MojoFailureException(GROUP + ":innerkeep-enclave is not among the project's runtime dependencies:"
                        + " an enclave's program needs it; add it in version " + pluginVersion));
        if (!sdk.getBaseVersion().equals(pluginVersion)) {
            throw new MojoFailureException(GROUP + ":innerkeep-enclave: expected version " + pluginVersion
                    + ", that of the plugin, found " + sdk.getBaseVersion() + "; use the same version of both");
        }
    }

    private Path writeSbom() throws MojoExecutionException, MojoFailureException {
        Path file = outputFolder.toPath().resolve("innerkeep").resolve("sbom.cdx.json");
        try {
            String sbom = new ProjectSbom(session, projects, pluginVersion).of(project, runtimeArtifacts());
            Files.createDirectories(file.getParent());
            return Files.writeString(file, sbom, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new MojoExecutionException("the bill of materials cannot be written: " + e.getMessage(), e);
        }
    }

    private List<Artifact> runtimeArtifacts() {
        return project.getArtifacts().stream()
                .filter(artifact -> artifact.getArtifactHandler().isAddedToClasspath())
                .collect(Collectors.toList());
    }

    private List<Path> jars() throws MojoFailureException {
        List<Path> jars = new ArrayList<>();
        jars.add(jar(project.getArtifact()));
        for (Artifact artifact : runtimeArtifacts()) {
            jars.add(jar(artifact));
        }
        return jars;
    }

    private static Path jar(Artifact artifact) throws MojoFailureException {
        File file = artifact.getFile();
        if (file == null || !file.isFile()) {
            throw new MojoFailureException(artifact.getId() + " is not a jar (yet): run 'mvn package', so that every module's jar is"
                    + " built before it is packed");
        }
        return file.toPath();
    }

    private List<Path> packingClassPath() throws MojoExecutionException {
        List<Path> jars = new ArrayList<>();
        for (Artifact artifact : pluginArtifacts) {
            if (artifact.getGroupId().equals(GROUP) && !artifact.getArtifactId().equals("innerkeep-maven-plugin")) {
                jars.add(artifact.getFile().toPath());
            }
        }
        if (jars.stream().noneMatch(Files::isRegularFile)) {
            throw new MojoExecutionException("innerkeep-packing, which does the packing, was not resolved");
        }
        return jars;
    }
}
