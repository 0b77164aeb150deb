package org.innerkeep.maven;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.inject.Inject;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.License;
import org.apache.maven.model.building.ModelBuildingRequest;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.plugins.annotations.ResolutionScope;
import org.apache.maven.project.DefaultProjectBuildingRequest;
import org.apache.maven.project.MavenProject;
import org.apache.maven.project.MavenProjectHelper;
import org.apache.maven.project.ProjectBuilder;
import org.apache.maven.project.ProjectBuildingException;
import org.apache.maven.project.ProjectBuildingRequest;
import org.apache.maven.toolchain.ToolchainManager;
import org.jspecify.annotations.Nullable;

/**
 * Packs the project's jar and its run-time dependencies into a signed bundle, {@code target/NAME.enclave}, with the bundle digest
 * beside it in {@code target/NAME.enclave.sha256}. Attached to the project as an artifact of type {@code enclave}.
 */
@Mojo(
        name = "pack",
        defaultPhase = LifecyclePhase.PACKAGE,
        requiresDependencyResolution = ResolutionScope.RUNTIME,
        threadSafe = true)
public final class PackMojo extends AbstractMojo {
    private static final Set<String> PACKING = Set.of(
            "innerkeep-packing", "innerkeep-bundle", "innerkeep-channel", "innerkeep-enclave", "innerkeep-evidence");

    /** What the enclave is: name, program, product, svn, interfaces; {@code innerkeep pack --help} lists the keys. */
    @Parameter(property = "innerkeep.properties", defaultValue = "${basedir}/src/main/enclave/enclave.properties")
    private File properties = new File("");

    /** The developer's signing key, from {@code innerkeep keygen --signing}. */
    @Parameter(property = "innerkeep.key", defaultValue = "${maven.multiModuleProjectDirectory}/developer.pem")
    private File key = new File("");

    /** Packs without the developer's key, to be signed later with {@code innerkeep sign}. */
    @Parameter(property = "innerkeep.unsigned", defaultValue = "false")
    private boolean unsigned;

    /** The folder of the JDK 25 that packs; found by itself if not given. */
    @Parameter(property = "innerkeep.jdk")
    private @Nullable File jdk;

    /** Where the bundle is written. */
    @Parameter(defaultValue = "${project.build.directory}", readonly = true)
    private File output = new File("");

    @Parameter(defaultValue = "${project}", readonly = true)
    private @Nullable MavenProject project;

    @Parameter(defaultValue = "${session}", readonly = true)
    private @Nullable MavenSession session;

    @Parameter(defaultValue = "${plugin.artifacts}", readonly = true)
    private List<Artifact> pluginArtifacts = List.of();

    private final ToolchainManager toolchains;
    private final MavenProjectHelper helper;
    private final ProjectBuilder projects;

    /**
     * Called by Maven.
     *
     * @param toolchains find a JDK
     * @param helper attaches the bundle
     * @param projects read dependencies' descriptions
     */
    @Inject
    public PackMojo(ToolchainManager toolchains, MavenProjectHelper helper, ProjectBuilder projects) {
        this.toolchains = toolchains;
        this.helper = helper;
        this.projects = projects;
    }

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        MavenProject packed = injected(project);
        File jar = packed.getArtifact().getFile();
        if (jar == null || !jar.isFile()) {
            throw new MojoFailureException("there is no jar to pack yet: bind innerkeep:pack to the phase package of a project that"
                    + " makes a jar, or run 'mvn package'");
        }
        if (!properties.isFile()) {
            throw new MojoFailureException(properties + " is missing: it says what the enclave is (name, program, product, svn, …)");
        }
        if (!unsigned && !key.isFile()) {
            throw new MojoFailureException("the signing key " + key + " is missing: make one with 'innerkeep keygen --signing " + key
                    + "', name another with -Dinnerkeep.key=…, or pack with -Dinnerkeep.unsigned and sign with 'innerkeep sign'");
        }
        try {
            List<String> command = new ArrayList<>(
                    List.of(Jdk.java(path(jdk), toolchains, injected(session), System.getenv()).toString()));
            command.addAll(List.of("-cp", packingClassPath(), "org.innerkeep.packing.PackTool"));
            command.addAll(List.of("--properties", properties.toString(), "--output", output.toString()));
            command.addAll(List.of("--jar", jar.toString()));
            for (Artifact part : packed.getArtifacts()) {
                if (part.getArtifactHandler().isAddedToClasspath()) {
                    command.addAll(List.of("--jar", part.getFile().toString()));
                }
            }
            command.addAll(List.of("--sbom", partsList(packed, jar.toPath()).toString()));
            if (!unsigned) {
                command.addAll(List.of("--key", key.toString()));
            }
            File bundle = run(command);
            helper.attachArtifact(packed, "enclave", bundle);
        } catch (IOException e) {
            throw new MojoExecutionException("the enclave could not be packed: " + e.getMessage(), e);
        }
    }

    private File run(List<String> command) throws IOException, MojoFailureException, MojoExecutionException {
        Path said = Files.createTempFile(output.toPath(), "pack", ".out");
        Path complaint = Files.createTempFile(output.toPath(), "pack", ".err");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(said.toFile())
                    .redirectError(complaint.toFile())
                    .start();
            process.getOutputStream().close();
            int exit;
            try {
                exit = process.waitFor();
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
                throw new MojoExecutionException("interrupted while the enclave was packed", e);
            }
            if (exit != 0) {
                throw new MojoFailureException("the enclave cannot be packed: "
                        + Files.readString(complaint, StandardCharsets.UTF_8).strip());
            }
            @Nullable File bundle = null;
            for (String line : Files.readAllLines(said, StandardCharsets.UTF_8)) {
                if (line.startsWith("bundle  ")) {
                    bundle = new File(line.substring("bundle  ".length()));
                }
                if (line.startsWith("advice  ")) {
                    getLog().warn(line);
                } else {
                    getLog().info(line);
                }
            }
            if (bundle == null) {
                throw new MojoExecutionException("packing ended without saying where the bundle is");
            }
            return bundle;
        } finally {
            Files.deleteIfExists(said);
            Files.deleteIfExists(complaint);
        }
    }

    private String packingClassPath() throws MojoExecutionException {
        List<String> jars = pluginArtifacts.stream()
                .filter(artifact -> artifact.getGroupId().equals("org.innerkeep") && PACKING.contains(artifact.getArtifactId()))
                .map(artifact -> artifact.getFile().toString())
                .sorted()
                .toList();
        if (jars.size() != PACKING.size()) {
            throw new MojoExecutionException("the plugin's own jars are incomplete: expected " + PACKING + ", found " + jars);
        }
        return String.join(File.pathSeparator, jars);
    }

    private Path partsList(MavenProject packed, Path jar) throws IOException {
        List<Artifact> parts = packed.getArtifacts().stream()
                .filter(part -> part.getArtifactHandler().isAddedToClasspath())
                .toList();
        Map<Artifact, List<String>> licences = new LinkedHashMap<>();
        parts.forEach(part -> licences.put(part, licences(part)));
        return Files.writeString(output.toPath().resolve("sbom.cdx.json"), PartsList.of(packed, jar, parts, licences));
    }

    /** The licences that the part's own description names; none where it cannot be read, which is no reason not to pack. */
    private List<String> licences(Artifact part) {
        ProjectBuildingRequest request = new DefaultProjectBuildingRequest(injected(session).getProjectBuildingRequest());
        request.setValidationLevel(ModelBuildingRequest.VALIDATION_LEVEL_MINIMAL);
        request.setProcessPlugins(false);
        request.setResolveDependencies(false);
        try {
            return projects.build(part, true, request).getProject().getLicenses().stream()
                    .map(License::getName)
                    .filter(name -> name != null && !name.isBlank())
                    .toList();
        } catch (ProjectBuildingException e) {
            return List.of();
        }
    }

    private static @Nullable Path path(@Nullable File file) {
        return file == null ? null : file.toPath();
    }

    private static <T> T injected(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("Maven sets this before it calls");
        }
        return value;
    }
}
