package org.innerkeep.cli.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The files in {@code docs/vectors} are what this code makes and accepts, byte for byte. Where the protocol changes on purpose,
 * write them anew and read the difference:
 *
 * <pre>mvn -pl cli -am package -Dtest=ProtocolVectorsTest -Dsurefire.failIfNoSpecifiedTests=false -Dinnerkeep.vectors=write</pre>
 */
final class ProtocolVectorsTest {
    private static final Path FOLDER = Path.of(System.getProperty("innerkeep.root"), "docs/vectors");

    @FunctionalInterface
    private interface Maker {
        Object make(Recorded recorded) throws Exception;
    }

    private static void check(String name, Maker maker) throws Exception {
        Path file = FOLDER.resolve(name);
        boolean write = "write".equals(System.getProperty("innerkeep.vectors"));
        String published = Files.exists(file) ? Files.readString(file) : "{}";
        String made = Json.write(maker.make(new Recorded(Json.read(published))));
        if (write) {
            Files.createDirectories(FOLDER);
            Files.writeString(file, made);
        } else {
            assertThat(published).as(file + " against the code; -Dinnerkeep.vectors=write writes it anew").isEqualTo(made);
        }
    }

    @Test
    void valuesAreEncodedAsPublished() throws Exception {
        check("values.json", _ -> CodecVectors.values());
    }

    @Test
    void schemasAreAsPublished() throws Exception {
        check("schemas.json", _ -> CodecVectors.schemas());
    }

    @Test
    void framesAreAnsweredAsPublished() throws Exception {
        check("frames.json", _ -> FrameVectors.frames());
    }

    @Test
    void streamsAreReadAndServedAsPublished() throws Exception {
        check("streams.json", _ -> StreamVectors.streams());
    }

    @Test
    void evidenceIsJudgedAsPublished() throws Exception {
        check("evidence.json", recorded -> new EvidenceVectors(recorded).evidence());
    }

    @Test
    void statementsAreJudgedAsPublished() throws Exception {
        check("statement.json", EvidenceVectors::statement);
    }

    @Test
    void certificatesAreJudgedAsPublished() throws Exception {
        check("session.json", recorded -> new SessionVectors(recorded).session());
    }

    @Test
    void sealedFilesAreAsPublished() throws Exception {
        check("sealed-file.json", _ -> FileVectors.sealed());
    }

    @Test
    void bundlesAreAsPublished() throws Exception {
        check("bundle.json", FileVectors::bundle);
    }
}
