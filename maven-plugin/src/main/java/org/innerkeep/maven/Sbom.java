package org.innerkeep.maven;

import com.github.packageurl.MalformedPackageURLException;
import com.github.packageurl.PackageURL;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.cyclonedx.Version;
import org.cyclonedx.exception.GeneratorException;
import org.cyclonedx.generators.BomGeneratorFactory;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.model.Dependency;
import org.cyclonedx.model.Hash;
import org.cyclonedx.model.License;
import org.cyclonedx.model.LicenseChoice;
import org.cyclonedx.model.Metadata;
import org.cyclonedx.model.metadata.ToolInformation;
import org.cyclonedx.util.LicenseResolver;

/**
 * A bill of materials, CycloneDX 1.6 in JSON. The same parts give the same text on any machine: it has no time, no serial number and no
 * path, and everything in it is sorted.
 */
final class Sbom {
    static final Version VERSION = Version.VERSION_16;

    /** A part's name among all parts. */
    record Coordinates(String group, String artifact, String version, String type, String classifier) {
        String purl() {
            TreeMap<String, String> qualifiers = new TreeMap<>();
            qualifiers.put("type", type);
            if (!classifier.isEmpty()) {
                qualifiers.put("classifier", classifier);
            }
            try {
                return new PackageURL(PackageURL.StandardTypes.MAVEN, group, artifact, version, qualifiers, null).canonicalize();
            } catch (MalformedPackageURLException e) {
                throw new IllegalArgumentException(this + ": no package URL can be made of it", e);
            }
        }
    }

    /** What a pom says of a licence; either may be empty. */
    record Licence(String name, String url) {}

    /** A jar of the class path: its bytes, its pom's licences, and the parts that it uses. */
    record Part(Coordinates coordinates, Path jar, List<Licence> licences, List<Coordinates> uses) {}

    private Sbom() {}

    /**
     * Writes it.
     *
     * @param program the project's own jar
     * @param libraries everything else on the class path
     * @param toolVersion of this plugin
     * @return JSON, with a line feed at the end
     * @throws IOException if a jar cannot be read
     */
    static String write(Part program, Collection<Part> libraries, String toolVersion) throws IOException {
        Bom bom = new Bom();
        Metadata metadata = new Metadata();
        // The library puts the current time here, and a bill of materials that is in a bundle must not have one.
        metadata.setTimestamp(null);
        metadata.setComponent(component(program, Component.Type.APPLICATION));
        ToolInformation tools = new ToolInformation();
        Component tool = new Component();
        tool.setType(Component.Type.APPLICATION);
        tool.setGroup("org.innerkeep");
        tool.setName("innerkeep-maven-plugin");
        tool.setVersion(toolVersion);
        tools.setComponents(List.of(tool));
        metadata.setToolChoice(tools);
        bom.setMetadata(metadata);
        bom.addDependency(dependency(program));
        List<Part> sorted =
                libraries.stream().sorted(Comparator.comparing(part -> part.coordinates().purl())).toList();
        for (Part library : sorted) {
            bom.addComponent(component(library, Component.Type.LIBRARY));
            bom.addDependency(dependency(library));
        }
        try {
            return BomGeneratorFactory.createJson(VERSION, bom).toJsonString().strip() + "\n";
        } catch (GeneratorException e) {
            throw new IOException("CycloneDX cannot write the bill of materials: " + e.getMessage(), e);
        }
    }

    private static Component component(Part part, Component.Type type) throws IOException {
        Component component = new Component();
        component.setType(type);
        component.setBomRef(part.coordinates().purl());
        component.setPurl(part.coordinates().purl());
        component.setGroup(part.coordinates().group());
        component.setName(part.coordinates().artifact());
        component.setVersion(part.coordinates().version());
        component.setHashes(List.of(new Hash(Hash.Algorithm.SHA_256, sha256(part.jar()))));
        if (!part.licences().isEmpty()) {
            LicenseChoice choice = new LicenseChoice();
            part.licences().forEach(licence -> choice.addLicense(license(licence)));
            component.setLicenses(choice);
        }
        return component;
    }

    /** The SPDX identifier, where name or address is one of a known licence; else what the pom says. */
    private static License license(Licence licence) {
        for (String known : List.of(licence.name(), licence.url())) {
            LicenseChoice resolved = known.isEmpty()
                    ? null
                    : LicenseResolver.resolve(known, new LicenseResolver.LicenseTextSettings(false, LicenseResolver.LicenseEncoding.NONE));
            if (resolved != null && resolved.getLicenses() != null && !resolved.getLicenses().isEmpty()
                    && resolved.getLicenses().get(0).getId() != null) {
                License license = new License();
                license.setId(resolved.getLicenses().get(0).getId());
                return license;
            }
        }
        License license = new License();
        license.setName(licence.name().isEmpty() ? licence.url() : licence.name());
        if (!licence.url().isEmpty()) {
            license.setUrl(licence.url());
        }
        return license;
    }

    private static Dependency dependency(Part part) {
        Dependency dependency = new Dependency(part.coordinates().purl());
        TreeSet<String> uses = new TreeSet<>();
        part.uses().forEach(used -> uses.add(used.purl()));
        uses.forEach(used -> dependency.addDependency(new Dependency(used)));
        return dependency;
    }

    private static String sha256(Path jar) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(jar), digest)) {
                in.transferTo(java.io.OutputStream.nullOutputStream());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform provides SHA-256", e);
        }
    }
}
