package org.innerkeep.cli.leakcheck;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What a leak check runs.
 *
 * @param bundle the enclave
 * @param command the user's workload, a program with its arguments, which connects to the enclave as its clients do
 * @param hostOptions further options of {@code innerkeep run}
 * @param canaryFiles the files from which the secrets were read, which are not searched
 * @param root whether this process is root
 * @param temporaryFolders whether the machine's folders for temporary files are searched
 */
record LeakSetup(
        Path bundle, List<String> command, List<String> hostOptions, Set<Path> canaryFiles, boolean root, boolean temporaryFolders) {
    LeakSetup {
        command = List.copyOf(command);
        hostOptions = List.copyOf(hostOptions);
        canaryFiles = Set.copyOf(canaryFiles);
    }
}
