package org.innerkeep.cli.project;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * Where Maven keeps its local repository, by Maven's own rules: {@code maven.repo.local} in MAVEN_ARGS or MAVEN_OPTS, then the user's
 * settings, then the installation's, then {@code ~/.m2/repository}.
 *
 * @param home the user's home folder
 * @param environment variables of the environment
 */
public record MavenSettings(Path home, Map<String, String> environment) {
    private static final Pattern OPTION = Pattern.compile("(?:^|\\s)-Dmaven\\.repo\\.local=(\\S+)");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");

    /** {@return those of this process} */
    public static MavenSettings ofThisProcess() {
        return new MavenSettings(Path.of(System.getProperty("user.home")), System.getenv());
    }

    /**
     * Finds the local repository.
     *
     * @return its folder, which need not exist yet
     * @throws IOException if a settings file cannot be understood
     */
    public Path localRepository() throws IOException {
        for (String variable : List.of("MAVEN_ARGS", "MAVEN_OPTS")) {
            Matcher option = OPTION.matcher(environment.getOrDefault(variable, ""));
            if (option.find()) {
                return Path.of(option.group(1));
            }
        }
        List<Path> files = new ArrayList<>(List.of(home.resolve(".m2/settings.xml")));
        installation().map(maven -> maven.resolve("conf/settings.xml")).ifPresent(files::add);
        for (Path file : files) {
            if (Files.isRegularFile(file)) {
                Optional<Path> named = named(file);
                if (named.isPresent()) {
                    return named.get();
                }
            }
        }
        return home.resolve(".m2/repository");
    }

    /** The folder of the Maven that {@code mvn} starts. */
    private Optional<Path> installation() throws IOException {
        for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
            Path mvn = Path.of(folder, "mvn");
            if (!folder.isEmpty() && Files.isExecutable(mvn)) {
                return Optional.of(mvn.toRealPath().resolve("../..").normalize());
            }
        }
        return Optional.empty();
    }

    private Optional<Path> named(Path file) throws IOException {
        Element settings;
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            DocumentBuilder builder = factory.newDocumentBuilder();
            // The exception says it; the default handler would print it as well.
            builder.setErrorHandler(null);
            settings = builder.parse(file.toFile()).getDocumentElement();
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException(file + " cannot be read as Maven's settings: " + e.getMessage(), e);
        }
        for (Node child = settings.getFirstChild(); child != null; child = child.getNextSibling()) {
            if ("localRepository".equals(child.getNodeName()) && !child.getTextContent().isBlank()) {
                return Optional.of(Path.of(filledIn(child.getTextContent().strip(), file)));
            }
        }
        return Optional.empty();
    }

    private String filledIn(String text, Path file) throws IOException {
        Matcher placeholder = PLACEHOLDER.matcher(text);
        StringBuilder filled = new StringBuilder();
        while (placeholder.find()) {
            String name = placeholder.group(1);
            String value = name.equals("user.home")
                    ? home.toString()
                    : name.startsWith("env.") ? environment.get(name.substring("env.".length())) : null;
            if (value == null) {
                throw new IOException(file + ": localRepository names ${" + name
                        + "}, which only Maven knows: say where it is with --maven-repository");
            }
            placeholder.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        return placeholder.appendTail(filled).toString();
    }
}
