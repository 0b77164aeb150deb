package org.innerkeep.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Runs {@code examples/node-client} in a process of its own. */
record NodeClient(Path folder) {
    private static final int LEAST_VERSION = 18;
    /** Of 18, the first that lets a caller say in which form its test runner reports. */
    private static final int LEAST_MINOR_VERSION = 15;
    private static final String WANTED = LEAST_VERSION + "." + LEAST_MINOR_VERSION + " or later";

    /**
     * What came out.
     *
     * @param exitCode of the process
     * @param said standard output and standard error, without the last line feed
     */
    record Outcome(int exitCode, String said) {}

    static NodeClient ofCheckout() {
        return new NodeClient(Built.root().resolve("examples/node-client"));
    }

    /** Whether Node.js is here, and what to say where it is not or is too old. */
    private Optional<String> missing() {
        try {
            String version = node(List.of("--version")).said();
            String[] numbers = version.substring(1).split("\\.", -1);
            int major = Integer.parseInt(numbers[0]);
            boolean suits = major > LEAST_VERSION
                    || major == LEAST_VERSION && Integer.parseInt(numbers[1]) >= LEAST_MINOR_VERSION;
            return suits ? Optional.empty() : Optional.of("node is " + version + ", wanted is " + WANTED);
        } catch (IOException e) {
            return Optional.of("node (Node.js " + WANTED + ", Debian package nodejs) is not installed");
        }
    }

    /** Skips a class of tests, loudly, where Node.js is missing or too old; an assumption before all tests leaves no trace. */
    static final class Needed implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return ofCheckout().missing()
                    .map(reason -> ConditionEvaluationResult.disabled(reason + ": the Node.js client is NOT tested"))
                    .orElseGet(() -> ConditionEvaluationResult.enabled("node is here"));
        }
    }

    /** In the TAP form, whatever a version of Node.js takes where nothing is said. */
    Outcome ownTests() throws IOException {
        return node(List.of("--test", "--test-reporter=tap"));
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
