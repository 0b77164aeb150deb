package org.innerkeep.maven;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import org.cyclonedx.parsers.JsonParser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SbomTest {
    private static final Sbom.Coordinates PROGRAM = new Sbom.Coordinates("com.example", "fraud", "1.0", "jar", "");
    private static final Sbom.Coordinates LIBRARY = new Sbom.Coordinates("org.acme", "library", "2.1", "jar", "");
    private static final Sbom.Coordinates PLATFORM = new Sbom.Coordinates("org.acme", "native", "2.1", "jar", "linux-x86_64");
    private static final Sbom.Licence APACHE =
            new Sbom.Licence("The Apache Software License, Version 2.0", "https://www.apache.org/licenses/LICENSE-2.0.txt");
    private static final Sbom.Licence HOUSE = new Sbom.Licence("Acme House Licence", "https://acme.example/licence");

    @TempDir
    Path dir;

    private Sbom.Part program;
    private Sbom.Part library;
    private Sbom.Part platform;

    @BeforeEach
    void writeJars() throws IOException {
        program = new Sbom.Part(PROGRAM, Files.writeString(dir.resolve("fraud.jar"), "program"), List.of(), List.of(PLATFORM, LIBRARY));
        library = new Sbom.Part(LIBRARY, Files.writeString(dir.resolve("library.jar"), "library"), List.of(APACHE), List.of(PLATFORM));
        platform = new Sbom.Part(PLATFORM, Files.writeString(dir.resolve("native.jar"), "native"), List.of(HOUSE), List.of());
    }

    @Test
    void keepsTheSchemaOfCycloneDx() throws Exception {
        byte[] sbom = Sbom.write(program, List.of(library, platform), "0.1.0").getBytes(UTF_8);
        assertThat(new JsonParser().validate(sbom, Sbom.VERSION)).isEmpty();
        // The validator sees what it must see.
        byte[] broken = new String(sbom, UTF_8).replace("\"SHA-256\"", "\"SHA-257\"").getBytes(UTF_8);
        assertThat(new JsonParser().validate(broken, Sbom.VERSION)).isNotEmpty();
    }

    @Test
    void namesEveryPartWithItsDigestLicenceAndUses() throws Exception {
        JsonNode sbom = new ObjectMapper().readTree(Sbom.write(program, List.of(platform, library), "0.1.0"));

        assertThat(sbom.at("/metadata/component/purl").asText()).isEqualTo("pkg:maven/com.example/fraud@1.0?type=jar");
        assertThat(sbom.at("/components/0/purl").asText()).isEqualTo("pkg:maven/org.acme/library@2.1?type=jar");
        assertThat(sbom.at("/components/1/purl").asText())
                .isEqualTo("pkg:maven/org.acme/native@2.1?classifier=linux-x86_64&type=jar");
        // sha256sum of the text "library".
        assertThat(sbom.at("/components/0/hashes/0/content").asText())
                .isEqualTo("b718f1354f7247312eca086d9a024afe5fa717ddea5adeddd6f12bcf945b2e8c");
        assertThat(sbom.at("/components/0/licenses/0/license/id").asText()).isEqualTo("Apache-2.0");
        assertThat(sbom.at("/components/1/licenses/0/license/name").asText()).isEqualTo("Acme House Licence");
        assertThat(sbom.at("/dependencies/0/dependsOn").toString())
                .isEqualTo("[\"" + LIBRARY.purl() + "\",\"" + PLATFORM.purl() + "\"]");
    }

    @Test
    void isTheSameTextAtAnyTimeInAnyPlaceAndOrder() throws Exception {
        String first = Sbom.write(program, List.of(library, platform), "0.1.0");
        Locale locale = Locale.getDefault();
        TimeZone zone = TimeZone.getDefault();
        String second;
        try {
            Locale.setDefault(Locale.forLanguageTag("tr-TR"));
            TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati"));
            Path elsewhere = Files.copy(library.jar(), dir.resolve("moved.jar"));
            Sbom.Part moved = new Sbom.Part(LIBRARY, elsewhere, List.of(APACHE), List.of(PLATFORM));
            second = Sbom.write(program, List.of(platform, moved), "0.1.0");
        } finally {
            Locale.setDefault(locale);
            TimeZone.setDefault(zone);
        }
        assertThat(second).isEqualTo(first).doesNotContain("timestamp", "serialNumber", dir.toString());
    }
}
