package org.innerkeep.cli.profile;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What is run.
 *
 * @param bundle the enclave
 * @param command the workload, a program with its arguments
 * @param ownHost whether the workload starts the enclave itself; else {@code innerkeep run} does, and the workload is its client
 * @param hostOptions further options of {@code innerkeep run}
 * @param keeperFolder the keeper's folder, which is kept; empty for one that goes with the run
 */
record ProfileSetup(
        Path bundle, List<String> command, boolean ownHost, List<String> hostOptions, Optional<Path> keeperFolder) {
    ProfileSetup {
        command = List.copyOf(command);
        hostOptions = List.copyOf(hostOptions);
    }
}
