package org.innerkeep.attestation.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.innerkeep.attestation.log.LogHead;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.MerkleTree;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.log.TreeGrowth;
import org.innerkeep.attestation.log.TreeHashes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log of 100,000 leaves: appending and proving look at a few hashes, not at the leaves. */
class LogSizeTest {
    private static final int LEAVES = 100_000;
    private static final int TOGETHER = 5_000;

    /** The height of the tree, rounded up. */
    private static final int HEIGHT = 17;

    @TempDir
    private Path folder;

    @Test
    void largeLogIsAppendedToAndProvenByAFewHashes() throws Exception {
        StoreOptions options = Samples.sqlite(folder.resolve("store.db"));
        LogVerifier verifier = new LogVerifier(Samples.KEY.anchor());
        List<LogHead.Signed> heads = new ArrayList<>();
        AttestationStore.open(options).close();
        try (SqliteDatabase database = SqliteDatabase.open(folder.resolve("store.db"), Duration.ofSeconds(10))) {
            for (int i = 0; i < LEAVES / TOGETHER; i++) {
                heads.add(append(database));
            }
            int[] read = {0};
            database.read(connection -> {
                TreeHashes counted = (level, position) -> {
                    read[0]++;
                    return SqlLog.hashes(connection).hash(level, position);
                };
                SqlLog.proof(() -> TreeGrowth.resume(counted, LEAVES));
                assertThat(read[0]).as("read to append").isLessThanOrEqualTo(HEIGHT);
                read[0] = 0;
                SqlLog.proof(() -> MerkleTree.inclusion(counted, 777, LEAVES));
                assertThat(read[0]).as("read to prove inclusion").isLessThanOrEqualTo(2 * HEIGHT);
                read[0] = 0;
                SqlLog.proof(() -> MerkleTree.consistency(counted, 54_321, LEAVES));
                assertThat(read[0]).as("read to prove consistency").isLessThanOrEqualTo(3 * HEIGHT);
                return Boolean.TRUE;
            });
        }
        try (AttestationStore store = AttestationStore.open(options)) {
            List<Receipt> receipts = new ArrayList<>();
            receipts.add(store.record(Samples.decision("the last")));
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < 50; i++) {
                receipts.add(store.log().receipt(random.nextLong(LEAVES)).orElseThrow());
            }
            LogHead.Signed newest = store.log().head().orElseThrow();
            assertThat(newest.head().size()).isEqualTo(LEAVES + 2);
            for (LogHead.Signed older : heads) {
                assertThat(verifier.verify(older, newest, store.log().consistency(older.head().size(), newest.head().size())).intact())
                        .isTrue();
            }
            assertThat(verifier.verify(receipts, store.log()).intact()).isTrue();
        }
    }

    private static LogHead.Signed append(SqliteDatabase database) throws StoreException {
        return database.write(connection -> {
            long size = SqlLog.head(connection).orElseThrow().head().size();
            TreeGrowth before = SqlLog.proof(() -> TreeGrowth.resume(SqlLog.hashes(connection), size));
            LogTransaction log = new LogTransaction(before, DocumentVersions.read(connection), Samples.CLOCK);
            for (int i = 0; i < TOGETHER; i++) {
                log.append("test", "leaf " + (size + i), Map.of());
            }
            log.write(connection, Samples.KEY);
            return log.head().orElseThrow();
        });
    }
}
