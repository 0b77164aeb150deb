package org.innerkeep.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Runs {@code examples/node-client} in a process of its own. */
record NodeClient(Path folder) {
    private static final int LEAST_VERSION = 18;

    /**
     * What came out.
     *
     * @param exitCode of the process
     * @param said standard output and standard error, without the last line feed
     */
    record Outcome(int exitCode, String said) {}

    /** Skips the test, loudly, where Node.js is missing or too old. */
    static NodeClient find() throws IOException {
        NodeClient client = new NodeClient(Built.root().resolve("examples/node-client"));
        String version;
        try {
            version = client.node(List.of("--version")).said();
        } catch (IOException e) {
            Assumptions.abort("node (Node.js " + LEAST_VERSION + " or later) is not installed: the Node.js client is NOT tested");
            throw e;
        }
        Assumptions.assumeTrue(
                Integer.parseInt(version.substring(1, version.indexOf('.'))) >= LEAST_VERSION,
                "node is " + version + ", wanted is " + LEAST_VERSION + " or later: the Node.js client is NOT tested");
        return client;
    }

    Outcome ownTests() throws IOException {
        return node(List.of("--test"));
    }

    /** Has the client greet. */
    Outcome hello(String address, List<String> options, String name) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("hello.mjs", address));
        arguments.addAll(options);
        arguments.add(name);
        return node(arguments);
    }

    private Outcome node(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("node"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        try (Child child = new Child("node", process)) {
            int exitCode = child.waitFor();
            return new Outcome(exitCode, child.said());
        }
    }

    /** A key of somebody. */
    static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
