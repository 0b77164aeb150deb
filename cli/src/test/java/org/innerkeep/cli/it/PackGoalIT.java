package org.innerkeep.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleFile;
import org.innerkeep.bundle.SignerKey.Algorithm;
import org.innerkeep.bundle.SigningKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Maven plugin, run by the machine's Maven on small projects. */
final class PackGoalIT {
    @TempDir
    private Path folder;

    private static Bundle inspect(Path bundle) throws Exception {
        try (InputStream in = Files.newInputStream(bundle)) {
            return Bundle.inspect(in);
        }
    }

    @Test
    void aBuildMakesASignedBundleAndSaysItsDigest() throws Exception {
        MavenProject project = SampleProject.write(folder);
        SigningKey key = SigningKey.generate(Algorithm.P256);
        key.write(folder.resolve("developer.pem"));

        MavenProject.Outcome build = project.mvn("package");

        assertThat(build.exitCode()).as(build.output()).isZero();
        Bundle bundle = inspect(folder.resolve("target/sample.enclave"));
        assertThat(bundle.signer()).isEqualTo(key.publicKey());
        assertThat(bundle.manifest().files().stream().map(BundleFile::path))
                .contains(
                        "lib/innerkeep-channel-0.1.0.jar", "lib/innerkeep-enclave-0.1.0.jar", "lib/innerkeep-evidence-0.1.0.jar",
                        "lib/sample-1.0.jar")
                .noneMatch(path -> path.contains("packing") || path.contains("jspecify"));
        assertThat(bundle.manifest().javaModules()).containsExactly("java.base");
        assertThat(folder.resolve("target/sample.enclave.sha256"))
                .hasContent("digest " + bundle.digest() + "\nsigner " + key.publicKey().id() + "\n");
        assertThat(build.output()).contains("digest " + bundle.digest(), "signer " + key.publicKey().id(), "modules java.base");
    }
}
