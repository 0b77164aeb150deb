package org.innerkeep.maven;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Dependency;
import org.apache.maven.model.License;
import org.apache.maven.model.building.ModelBuildingRequest;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.project.DefaultProjectBuildingRequest;
import org.apache.maven.project.MavenProject;
import org.apache.maven.project.ProjectBuilder;
import org.apache.maven.project.ProjectBuildingException;
import org.apache.maven.project.ProjectBuildingRequest;
import org.jspecify.annotations.Nullable;

/** The bill of materials of a project: what Maven resolved, and what the poms of it say. */
final class ProjectSbom {
    private final MavenSession session;
    private final ProjectBuilder projects;
    private final String toolVersion;

    ProjectSbom(MavenSession session, ProjectBuilder projects, String toolVersion) {
        this.session = session;
        this.projects = projects;
        this.toolVersion = toolVersion;
    }

    /**
     * Makes it.
     *
     * @param project whose own jar was built
     * @param artifacts the rest of the class path, resolved
     * @return the text
     * @throws IOException if a jar cannot be read
     * @throws MojoFailureException if the pom of a dependency cannot be read: a bill without it would differ from machine to machine
     */
    String of(MavenProject project, List<Artifact> artifacts) throws IOException, MojoFailureException {
        Map<String, Sbom.Coordinates> byKey = new LinkedHashMap<>();
        for (Artifact artifact : artifacts) {
            byKey.put(key(artifact.getGroupId(), artifact.getArtifactId(), artifact.getClassifier()), coordinates(artifact));
        }
        List<Sbom.Part> libraries = new ArrayList<>();
        for (Artifact artifact : artifacts) {
            libraries.add(part(coordinates(artifact), artifact, pom(artifact), byKey));
        }
        return Sbom.write(part(coordinates(project.getArtifact()), project.getArtifact(), project, byKey), libraries, toolVersion);
    }

    private static Sbom.Part part(
            Sbom.Coordinates coordinates, Artifact artifact, MavenProject pom, Map<String, Sbom.Coordinates> byKey) {
        List<Sbom.Licence> licences = new ArrayList<>();
        for (License license : pom.getLicenses()) {
            Sbom.Licence licence = new Sbom.Licence(text(license.getName()), text(license.getUrl()));
            if (!licence.name().isEmpty() || !licence.url().isEmpty()) {
                licences.add(licence);
            }
        }
        List<Sbom.Coordinates> uses = new ArrayList<>();
        for (Dependency dependency : pom.getDependencies()) {
            // Of what a pom declares, that which is on this class path; a version may have been mediated to another.
            Sbom.Coordinates used =
                    byKey.get(key(dependency.getGroupId(), dependency.getArtifactId(), dependency.getClassifier()));
            String scope = text(dependency.getScope());
            if (used != null && !scope.equals(Artifact.SCOPE_TEST) && !scope.equals(Artifact.SCOPE_PROVIDED)) {
                uses.add(used);
            }
        }
        return new Sbom.Part(coordinates, artifact.getFile().toPath(), licences, uses);
    }

    private MavenProject pom(Artifact artifact) throws MojoFailureException {
        ProjectBuildingRequest request = new DefaultProjectBuildingRequest(session.getProjectBuildingRequest());
        request.setValidationLevel(ModelBuildingRequest.VALIDATION_LEVEL_MINIMAL);
        request.setProcessPlugins(false);
        request.setResolveDependencies(false);
        request.setProject(null);
        try {
            return projects.build(artifact, true, request).getProject();
        } catch (ProjectBuildingException e) {
            throw new MojoFailureException("the pom of " + artifact.getId() + " cannot be read, which the bill of materials needs: "
                    + e.getMessage());
        }
    }

    private static Sbom.Coordinates coordinates(Artifact artifact) {
        return new Sbom.Coordinates(
                artifact.getGroupId(),
                artifact.getArtifactId(),
                artifact.getBaseVersion(),
                artifact.getArtifactHandler().getExtension(),
                text(artifact.getClassifier()));
    }

    private static String key(String group, String artifact, @Nullable String classifier) {
        return group + ":" + artifact + ":" + text(classifier);
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value.strip();
    }
}
