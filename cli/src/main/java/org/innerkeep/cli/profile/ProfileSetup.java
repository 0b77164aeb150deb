package org.innerkeep.cli.profile;

import java.nio.file.Path;
import java.util.List;

/**
 * What is run.
 *
 * @param bundle the enclave
 * @param command the workload, a program with its arguments
 * @param ownHost whether the workload starts the enclave itself; else {@code innerkeep run} does, and the workload is its client
 * @param hostOptions further options of {@code innerkeep run}
 */
record ProfileSetup(Path bundle, List<String> command, boolean ownHost, List<String> hostOptions) {
    ProfileSetup {
        command = List.copyOf(command);
        hostOptions = List.copyOf(hostOptions);
    }
}
