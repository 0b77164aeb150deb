package org.innerkeep.packing;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.innerkeep.channel.session.AttestedSession;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.evidence.Verifier;

/** The jars of the runtime that run inside every enclave: enclave, channel, evidence. They are in the bundle, so measured. */
final class SdkJars {
    private SdkJars() {}

    static List<Path> find() throws IOException {
        List<Path> jars = new ArrayList<>();
        for (Class<?> type : List.of(EnclaveProgram.class, AttestedSession.class, Verifier.class)) {
            try {
                Path jar = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
                if (!Files.isRegularFile(jar)) {
                    throw new IOException("the runtime's classes lie in " + jar + ", not in a jar: build with 'mvn package'");
                }
                jars.add(jar);
            } catch (URISyntaxException e) {
                throw new IOException("the runtime's jars cannot be found", e);
            }
        }
        return jars;
    }
}
