package org.innerkeep.cli.project;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;

/** The project that {@code innerkeep new} makes. Its files lie as they will in the folder {@code template} of the resources. */
public final class ProjectTemplate {
    /** In the template's paths, the folders of the Java package. */
    private static final String PACKAGE_FOLDER = "PACKAGE";

    private static final String RUN = "run";
    private static final String KEY = "developer.pem";

    static final List<String> FILES = List.of(
            "README.md",
            // Under its own name Maven would leave it out of the resources.
            "gitignore",
            "pom.xml",
            RUN,
            "api/pom.xml",
            "api/src/main/java/PACKAGE/Median.java",
            "api/src/main/java/PACKAGE/Salaries.java",
            "api/src/main/java/PACKAGE/Salary.java",
            "api/src/main/java/PACKAGE/TooFewException.java",
            "app/pom.xml",
            "app/src/main/java/PACKAGE/app/Agreed.java",
            "app/src/main/java/PACKAGE/app/ClientMain.java",
            "app/src/main/java/PACKAGE/app/HostMain.java",
            "enclave/pom.xml",
            "enclave/src/main/enclave/enclave.properties",
            "enclave/src/main/java/PACKAGE/enclave/Register.java",
            "enclave/src/main/java/PACKAGE/enclave/SalariesEnclave.java",
            "enclave/src/test/java/PACKAGE/enclave/RefusalTest.java",
            "enclave/src/test/java/PACKAGE/enclave/RegisterTest.java",
            "enclave/src/test/java/PACKAGE/enclave/SalariesEnclaveTest.java");

    private ProjectTemplate() {}

    /**
     * Makes a project with a signing key of its own.
     *
     * @param folder where; it does not exist, or is empty
     * @param name its name and package
     * @param version of the libraries that it uses
     * @return the public half of its key
     * @throws IOException if there is something already, or it cannot be written
     */
    public static SignerKey make(Path folder, ProjectName name, String version) throws IOException {
        refuseUnlessEmpty(folder);
        Map<Path, String> contents = new LinkedHashMap<>();
        for (String file : FILES) {
            contents.put(folder.resolve(target(file, name)), content(file, name, version));
        }
        for (Map.Entry<Path, String> file : contents.entrySet()) {
            Files.createDirectories(file.getKey().toAbsolutePath().getParent());
            Files.writeString(file.getKey(), file.getValue(), StandardOpenOption.CREATE_NEW);
        }
        Files.setPosixFilePermissions(folder.resolve(RUN), PosixFilePermissions.fromString("rwxr-xr-x"));
        SigningKey key = SigningKey.generate(SignerKey.Algorithm.P256);
        key.write(folder.resolve(KEY));
        return key.publicKey();
    }

    private static void refuseUnlessEmpty(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
            if (found.iterator().hasNext()) {
                throw new IOException(folder + " is not empty, and nothing is overwritten: name another folder with --folder");
            }
        } catch (NotDirectoryException e) {
            throw new IOException(folder + " is no folder: name another with --folder", e);
        }
    }

    private static String target(String file, ProjectName name) {
        return file.equals("gitignore")
                ? ".gitignore"
                : file.replace(PACKAGE_FOLDER, name.javaPackage().replace('.', '/'));
    }

    private static String content(String file, ProjectName name, String version) throws IOException {
        try (InputStream in = ProjectTemplate.class.getResourceAsStream("template/" + file)) {
            if (in == null) {
                throw new IOException("the template's " + file + " is not in this jar: build again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("@NAME@", name.name())
                    .replace("@PACKAGE@", name.javaPackage())
                    .replace("@PACKAGE_FOLDER@", name.javaPackage().replace('.', '/'))
                    .replace("@VERSION@", version);
        }
    }
}
