package org.innerkeep.attestation.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.TreeGrowth;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest extends StoreContract {
    @TempDir
    private Path folder;

    @Override
    StoreOptions options() {
        return Samples.sqlite(folder.resolve("store.db"));
    }

    @Test
    void filesAreForTheirOwnerOnly() throws Exception {
        try (AttestationStore store = AttestationStore.open(options())) {
            store.record(Samples.decision("evidence"));
            for (String name : new String[] {"store.db", "store.db-wal", "store.db-shm"}) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name))))
                        .as(name)
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void twoInstancesOnOneFileMakeOneLog() throws Exception {
        try (AttestationStore one = AttestationStore.open(options());
                AttestationStore other = AttestationStore.open(options())) {
            var receipts = together(40, i -> (i % 2 == 0 ? one : other).record(Samples.decision("evidence " + i)));

            assertThat(size(one)).isEqualTo(41);
            assertThat(new LogVerifier(Samples.KEY.anchor()).verify(receipts, other.log()).intact()).isTrue();
        }
    }

    @Test
    void changesOfOnePolicyMayShareATransaction() throws Exception {
        AttestationStore.open(options()).close();
        Forms.Policy form = new Forms.Policy();
        try (Database database = Database.open(options())) {
            database.write(connection -> {
                TreeGrowth before = SqlLog.proof(() -> TreeGrowth.resume(SqlLog.hashes(connection), 1));
                LogTransaction log = new LogTransaction(before, DocumentVersions.NONE, Samples.CLOCK);
                for (int version = 0; version < 3; version++) {
                    Documents.set(form, Samples.TYPE, version, Optional.of("policy " + version), Optional.<String>empty(), "admin")
                            .in(connection, log);
                }
                return log.write(connection, Samples.KEY);
            });
        }
        try (AttestationStore store = AttestationStore.open(options())) {
            assertThat(store.policy(Samples.TYPE).version()).isEqualTo(3);
            assertThat(store.policy(Samples.TYPE).value()).contains("policy 2");
            assertThat(new LogVerifier(Samples.KEY.anchor()).verify(store.log()).intact()).isTrue();
        }
    }
}
