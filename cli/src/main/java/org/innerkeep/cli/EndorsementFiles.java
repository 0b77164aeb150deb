package org.innerkeep.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the command line says that endorsements are, and where to keep those that were used. */
final class EndorsementFiles {
    @Option(
            names = "--endorsements",
            paramLabel = "PLACE",
            description = "A folder of certificates, revocation lists and TCB info, or the one file that --keep-endorsements wrote."
                    + " Repeatable.")
    private final List<Path> places = new ArrayList<>();

    @Option(names = "--fetch", description = "Fetch from Intel and AMD what is not at hand.")
    private boolean fetch;

    @Option(
            names = "--keep-endorsements",
            paramLabel = "FILE",
            description = "Keep what the decision was made with in one file, to make it again later with --at.")
    private @Nullable Path keep;
}
