package org.innerkeep.maven;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.project.MavenProject;
import org.cyclonedx.Version;
import org.cyclonedx.exception.GeneratorException;
import org.cyclonedx.generators.BomGeneratorFactory;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.model.Hash;
import org.cyclonedx.model.License;
import org.cyclonedx.model.LicenseChoice;
import org.cyclonedx.model.Metadata;

/**
 * What the enclave is made from: CycloneDX 1.6 in JSON, with each jar's SHA-256. The same jars give the same bytes: no serial number and
 * no time of making.
 */
final class PartsList {
    private PartsList() {}

    static String of(MavenProject project, Path jar, Collection<Artifact> parts, Map<Artifact, List<String>> licences)
            throws IOException {
        Component enclave = component(project.getGroupId(), project.getArtifactId(), project.getVersion(), jar);
        Metadata metadata = new Metadata();
        metadata.setTimestamp(null);
        metadata.setComponent(enclave);
        Bom bom = new Bom();
        bom.setSerialNumber(null);
        bom.setMetadata(metadata);
        for (Artifact part : parts.stream().sorted(Comparator.comparing(Artifact::getId)).toList()) {
            Component component = component(
                    part.getGroupId(), part.getArtifactId(), part.getVersion(), part.getFile().toPath());
            List<String> names = licences.getOrDefault(part, List.of());
            if (!names.isEmpty()) {
                LicenseChoice choice = new LicenseChoice();
                for (String name : names) {
                    License licence = new License();
                    licence.setName(name);
                    choice.addLicense(licence);
                }
                component.setLicenses(choice);
            }
            bom.addComponent(component);
        }
        try {
            return BomGeneratorFactory.createJson(Version.VERSION_16, bom).toJsonString() + "\n";
        } catch (GeneratorException e) {
            throw new IOException("the list of parts could not be written: " + e.getMessage(), e);
        }
    }

    private static Component component(String group, String name, String version, Path file) throws IOException {
        Component component = new Component();
        component.setType(Component.Type.LIBRARY);
        component.setGroup(group);
        component.setName(name);
        component.setVersion(version);
        component.setPurl("pkg:maven/" + group + "/" + name + "@" + version);
        component.setBomRef(component.getPurl());
        component.addHash(new Hash(Hash.Algorithm.SHA_256, sha256(file)));
        return component;
    }

    private static String sha256(Path file) throws IOException {
        try (DigestInputStream in = new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform provides SHA-256", e);
        }
    }
}
