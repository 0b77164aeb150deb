package org.innerkeep.attestation.store;

import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.Receipt;

/** The process that {@link CrashTest} kills: changes a store without end, and prints each thing once it was acknowledged. */
final class CrashWriter {
    private static final int THREADS = 4;

    private CrashWriter() {}

    public static void main(String[] arguments) throws Exception {
        LogKey key = LogKey.read(Path.of(arguments[1]));
        AttestationStore store =
                AttestationStore.open(StoreOptions.of(new StoreLocation.Sqlite(Path.of(arguments[0])), key));
        System.out.println("ready");
        for (int i = 0; i < THREADS; i++) {
            String name = arguments[2] + "-" + i;
            Thread.ofPlatform().start(() -> change(store, name));
        }
    }

    private static void change(AttestationStore store, String name) {
        try {
            for (int i = 0; ; i++) {
                Receipt decided = store.record(Samples.decision(evidence(name + "-" + i), name));
                System.out.println("decision " + decided.entry().sequence() + " " + text(decided));
                Versioned<Optional<String>> current = store.policy(Samples.TYPE);
                Change<Optional<String>> change =
                        store.setPolicy(Samples.TYPE, current.version(), policy(current.version() + 1), name);
                if (change instanceof Change.Made<Optional<String>> made) {
                    System.out.println("policy " + made.now().version() + " " + text(made.receipt()));
                }
            }
        } catch (StoreException e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    /** Larger than a page of the file, so that writes can be torn. */
    static String evidence(String name) {
        return (name + ' ').repeat(1000);
    }

    static String policy(long version) {
        return ("policy " + version + ' ').repeat(500);
    }

    private static String text(Receipt receipt) {
        return Base64.getEncoder().encodeToString(receipt.toByteArray());
    }
}
