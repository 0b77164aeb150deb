package org.innerkeep.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import picocli.CommandLine.Option;

/** Where the command line says that endorsements are. */
final class EndorsementFiles {
    @Option(
            names = "--endorsements",
            paramLabel = "PLACE",
            description = "A folder of certificates, revocation lists and TCB info, or one such file. Repeatable.")
    private final List<Path> places = new ArrayList<>();

    /** Opens what is named. */
    Endorsements open() throws IOException {
        List<Endorsements> sources = new ArrayList<>();
        for (Path place : places) {
            try {
                sources.add(EndorsementPool.read(place));
            } catch (MalformedException e) {
                throw new IOException(place + ": " + e.getMessage(), e);
            }
        }
        return Endorsements.allOf(sources);
    }
}
