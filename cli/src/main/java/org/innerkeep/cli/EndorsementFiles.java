package org.innerkeep.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.innerkeep.endorsements.AmdKds;
import org.innerkeep.endorsements.CachingEndorsements;
import org.innerkeep.endorsements.IntelPcs;
import org.innerkeep.endorsements.Limits;
import org.innerkeep.endorsements.Recording;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the command line says that endorsements are, and where to keep those that were used. */
final class EndorsementFiles {
    private static final Duration REFETCH_AFTER = Duration.ofHours(12);
    private static final int CACHED_FILES = 512;
    private static final long CACHED_BYTES = 64 << 20;

    @Option(
            names = "--endorsements",
            paramLabel = "PLACE",
            description = "A folder of certificates, revocation lists and TCB info, or the one file that --keep-endorsements wrote."
                    + " Repeatable.")
    private final List<Path> places = new ArrayList<>();

    @Option(names = "--fetch", description = "Ask Intel's and AMD's services too.")
    private boolean fetch;

    @Option(names = "--pccs", paramLabel = "URI", description = "Ask this caching service in place of Intel's; implies --fetch.")
    private @Nullable URI pccs;

    @Option(names = "--cache", paramLabel = "DIR", description = "Keep what is fetched in this folder, for later runs.")
    private @Nullable Path cache;

    @Option(
            names = "--keep-endorsements",
            paramLabel = "FILE",
            description = "Keep what the decision was made with in one file, to make it again later with --at.")
    private @Nullable Path keep;

    /** Opens what is named. */
    Recording open() throws IOException {
        List<Endorsements> sources = new ArrayList<>();
        for (Path place : places) {
            try {
                sources.add(EndorsementPool.read(place));
            } catch (MalformedException e) {
                throw new IOException(place + ": " + e.getMessage(), e);
            }
        }
        if (fetch || pccs != null) {
            sources.add(services());
        }
        return new Recording(Endorsements.allOf(sources));
    }

    private Endorsements services() throws IOException {
        HttpClient client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
        IntelPcs.Version version = IntelPcs.Version.unspecified();
        IntelPcs intel = pccs == null
                ? IntelPcs.intel(client, version, Limits.DEFAULT)
                : IntelPcs.pccs(client, pccs, version, Limits.DEFAULT);
        Endorsements all = Endorsements.allOf(List.of(intel, AmdKds.amd(client, Limits.DEFAULT)));
        return cache == null
                ? all
                : new CachingEndorsements(all, cache, REFETCH_AFTER, CACHED_FILES, CACHED_BYTES, InstantSource.system());
    }

    /** Writes what was used, where that is wanted. */
    void keep(Recording used) throws IOException {
        if (keep == null) {
            return;
        }
        try {
            byte[] archive = used.pool().toByteArray();
            NewFile.write(keep, to -> to.write(archive));
        } catch (MalformedException e) {
            throw new IOException("what was used cannot be kept: " + e.getMessage(), e);
        }
    }
}
