package org.innerkeep.cli.demo;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.ZipFile;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.cli.demo.World.HospitalSide;

/**
 * The same job in one ordinary JVM, as it is done today: the process that computes holds records and keys. It gives the model
 * that the enclave's must equal, the time that the enclave's is compared with, and what a search must find.
 */
final class Control implements AutoCloseable {
    /** The step's name, for comparing times. */
    static final String STEP = "the same job in one unprotected JVM";

    private static final String UNPROTECTED = "org.innerkeep.examples.hospitals.Unprotected";

    private final Child process;
    private final Path storage;
    private final String model;

    private Control(Child process, Path storage, String model) {
        this.process = process;
        this.storage = storage;
        this.model = model;
    }

    /** Runs it, and leaves it holding what it computed with. */
    static Control start(World world, Path job, Steps steps) throws Exception {
        Party party = world.stage().party("unprotected", false);
        Path storage = Files.createDirectory(world.stage().folder(party).resolve("storage"));
        List<String> arguments = new ArrayList<>(List.of("--job", job.toString(), "--hold", "true"));
        List<String> keys = new ArrayList<>();
        for (HospitalSide hospital : world.hospitals()) {
            Path table = storage.resolve(hospital.name() + ".csv");
            Files.write(table, world.study().table(hospital.name()));
            arguments.addAll(List.of("--input", hospital.name() + "=" + table));
            keys.add(fileKey(world.stage().folder(hospital.party())));
        }
        Path keyFile = storage.resolve("keys.txt");
        Files.write(keyFile, keys);
        Path library = nativeLibrary(world.stage().jars(), storage);
        arguments.addAll(List.of(
                "--keys", keyFile.toString(), "--library", library.toString(), "--model", storage.resolve("model").toString()));
        world.stage().give(party, storage);
        return steps.timed(STEP, () -> {
            Child process = world.stage().java(party, UNPROTECTED, arguments);
            String model = process.require("model");
            process.require("holding");
            return new Control(process, storage, model);
        });
    }

    private static String fileKey(Path hospital) throws IOException {
        List<Identity> identities;
        try (InputStream in = Files.newInputStream(hospital.resolve("identity.age"))) {
            identities = Identity.readFile(in);
        }
        byte[] sealed = Files.readAllBytes(hospital.resolve("records.age"));
        try (FileKey key = SealedFile.unwrap(new ByteArrayInputStream(sealed), identities)) {
            return HexFormat.of().formatHex(key.exposeSecretBytes());
        } finally {
            identities.forEach(Identity::close);
        }
    }

    /** The engine's library for this machine, out of its jar. */
    private static Path nativeLibrary(Path jars, Path folder) throws IOException {
        String arch = System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
        try (var all = Files.list(jars)) {
            Path jar = all.filter(each -> each.getFileName().toString().startsWith("xgboost4j"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("XGBoost's jar is not in " + jars));
            Path library = folder.resolve("libxgboost4j.so");
            try (ZipFile zip = new ZipFile(jar.toFile());
                    InputStream in = zip.getInputStream(zip.getEntry("lib/linux/" + arch + "/libxgboost4j.so"))) {
                Files.copy(in, library);
            }
            return library;
        }
    }

    String model() {
        return model;
    }

    Path storage() {
        return storage;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.close();
    }
}
