package org.innerkeep.cli.project;

import java.util.Optional;
import java.util.regex.Pattern;
import javax.lang.model.SourceVersion;

/**
 * What a new project is called: names that Maven, Java, the file system and a bundle's manifest all take as they are.
 *
 * @param name of the project and its enclave: 1 to 40 lower-case letters, digits and single hyphens, a letter first
 * @param javaPackage of its classes, and its Maven group: at most 100 characters
 */
public record ProjectName(String name, String javaPackage) {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
    private static final Pattern PACKAGE = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+");
    private static final Pattern RESERVED = Pattern.compile("(java|org\\.innerkeep)(\\..*)?");
    private static final int MAX_NAME_LENGTH = 40;
    private static final int MAX_PACKAGE_LENGTH = 100;

    /**
     * Checks both.
     *
     * @throws IllegalArgumentException if one cannot be used, with what is wanted
     */
    public ProjectName {
        if (name.length() > MAX_NAME_LENGTH || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("a project's name is 1 to " + MAX_NAME_LENGTH
                    + " lower-case letters, digits and single hyphens, a letter first, such as salary-benchmark; found '" + name
                    + "'");
        }
        if (javaPackage.length() > MAX_PACKAGE_LENGTH
                || !PACKAGE.matcher(javaPackage).matches()
                || !SourceVersion.isName(javaPackage, SourceVersion.latest())) {
            throw new IllegalArgumentException("a package is at least two lower-case Java names with dots between, none of them a"
                    + " word of the language, such as com.example.salaries; found '" + javaPackage + "': name another with"
                    + " --package");
        }
        if (RESERVED.matcher(javaPackage).matches()) {
            throw new IllegalArgumentException("the package '" + javaPackage + "' belongs to the JDK or to Innerkeep: name one of"
                    + " your own with --package");
        }
    }

    /**
     * A name with the package that is given, or else one made from the name.
     *
     * @param name the project's name
     * @param javaPackage the package
     * @return both
     * @throws IllegalArgumentException if one cannot be used, with what is wanted
     */
    public static ProjectName of(String name, Optional<String> javaPackage) {
        return new ProjectName(name, javaPackage.orElseGet(() -> "com.example." + name.replace("-", "")));
    }
}
