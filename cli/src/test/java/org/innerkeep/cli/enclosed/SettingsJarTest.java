package org.innerkeep.cli.enclosed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.innerkeep.attestation.ServiceConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is measured is what was said. */
class SettingsJarTest {
    @TempDir
    private Path folder;

    private static ServiceConfiguration configuration(String role) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "issuer", "https://vault.example", "admin-key-digest", "ab".repeat(32), "oidc-issuer", "https://login.example"));
        settings.put("oidc-vault-role", role);
        return ServiceConfiguration.of(settings);
    }

    @Test
    void valuesComeBackAsTheyWere() throws Exception {
        for (String role : new String[] {"Vault Owner", "a\\b", "\\u0041", "=x", ":x", "#x", "ends in \\", "größer"}) {
            Path jar = folder.resolve("settings.jar");
            SettingsJar.of(configuration(role)).write(jar);
            Properties read = new Properties();
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                ZipEntry entry = zip.getEntry("innerkeep-service/service.properties");
                read.load(new InputStreamReader(zip.getInputStream(entry), StandardCharsets.UTF_8));
            }
            assertThat(read.getProperty("oidc-vault-role")).isEqualTo(role);
            assertThat(read).hasSize(4);
        }
    }

    @Test
    void aValueThatWouldBecomeAnotherSettingIsRefused() {
        for (String role : new String[] {"x\nvault=false", "x\rvault=false", "x\ty", "x\0"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> SettingsJar.of(configuration(role)))
                    .withMessageContaining("oidc-vault-role");
        }
    }
}
