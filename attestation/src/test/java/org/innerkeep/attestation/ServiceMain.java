package org.innerkeep.attestation;

import java.io.IOException;
import java.nio.file.Path;

/** The process that {@link ServiceProcess} starts: a service by a file of settings, until its standard input ends. */
final class ServiceMain {
    private ServiceMain() {}

    public static void main(String[] arguments) throws IOException {
        try (RunningService running =
                RunningService.start(ServiceConfiguration.read(Path.of(arguments[0])), RunningService.Clocks.ofSystem())) {
            System.out.println("ready " + running.port());
            while (System.in.read() >= 0) {
                // Nothing is said to it but that the test has ended.
            }
        }
    }
}
