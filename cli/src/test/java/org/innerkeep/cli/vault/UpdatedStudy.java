package org.innerkeep.cli.vault;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import org.innerkeep.cli.vault.ServedVault.Outcome;

/** An owner whose key {@code patients} is granted to version 3 of a study, of which the operator runs version 4 since. */
public final class UpdatedStudy implements AutoCloseable {
    private final Path folder;
    private final ServedVault vault;

    private UpdatedStudy(Path folder, ServedVault vault) {
        this.folder = folder;
        this.vault = vault;
    }

    /** Both versions have asked. */
    public static UpdatedStudy begin(Path folder) throws Exception {
        KeyPair keeper = AskingEnclave.newKeeper();
        Path runtimes = Files.createDirectory(folder.resolve("runtimes"));
        StudyBundles bundles = new StudyBundles(folder);
        AskingEnclave before = AskingEnclave.of(keeper, bundles.version(3), runtimes);
        AskingEnclave after = AskingEnclave.of(keeper, bundles.version(4), runtimes);
        ServedVault vault = ServedVault.start(folder.resolve("owner"), AskingEnclave.anchor(keeper));
        UpdatedStudy study = new UpdatedStudy(folder, vault);
        boolean begun = false;
        try {
            Path sealed = folder.resolve("patients.age");
            vault.keys("create", "patients");
            vault.seal("patients", "the patients", sealed);
            vault.grant("patients", "--measurement", before.measurement(), "--platform", "process", "--memory", "root", "--lease", "PT15M");
            before.ask(vault, "patients", sealed);
            after.ask(vault, "patients", sealed);
            begun = true;
            return study;
        } finally {
            if (!begun) {
                study.close();
            }
        }
    }

    /**
     * What came of a command.
     *
     * @param exitCode what the process would end with
     * @param output what it printed
     */
    public record Came(int exitCode, String output) {}

    /** Runs a command of the owner's: {@code keys} and what follows it. Bundles are in this study's folder. */
    public Came run(List<String> words) {
        List<String> all = new ArrayList<>();
        for (String each : words.subList(1, words.size())) {
            all.add(each.endsWith(".enclave") ? folder.resolve(each).toString() : each);
        }
        if (words.contains("update")) {
            all.addAll(List.of("--runtimes", folder.resolve("runtimes").toString()));
        }
        Outcome outcome = vault.tryKeys(all.toArray(String[]::new));
        return new Came(outcome.exitCode(), outcome.out() + outcome.err());
    }

    @Override
    public void close() {
        vault.close();
    }
}
