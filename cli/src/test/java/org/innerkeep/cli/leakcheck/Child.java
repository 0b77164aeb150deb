package org.innerkeep.cli.leakcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A running JVM, unprotected, that is a {@link Holder}. */
record Child(Process process) implements AutoCloseable {
    static Child holding(Form... forms) throws IOException {
        return started(Stream.of(forms).map(Form::name).toList());
    }

    static Child mapping(Path file) throws IOException {
        return started(List.of(file.toString()));
    }

    private static Child started(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx32m", "-XX:+UseSerialGC",
                "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Holder.class.getName()));
        command.addAll(arguments);
        Child child = new Child(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
        assertThat(child.process.getInputStream().read()).isEqualTo('.');
        return child;
    }

    long pid() {
        return process.pid();
    }

    Place memory() {
        return new Place.Memory("child", process.pid());
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
