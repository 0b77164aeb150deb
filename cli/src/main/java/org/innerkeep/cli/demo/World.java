package org.innerkeep.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.Packer;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobCode;
import org.innerkeep.channel.job.JobDraft;
import org.innerkeep.channel.job.JobException;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.channel.job.JobRecipient;
import org.innerkeep.channel.job.OwnerKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.keeper.Runtimes;
import org.innerkeep.packing.Packing;

/**
 * Everything that is there before the main job begins: parties, keeper, bundles, the hospitals' keys and sealed files, and the
 * job that they agreed to.
 */
final class World {
    static final int PRODUCT = 7;
    static final int SVN = 2;

    static final String HOSPITAL = "org.innerkeep.examples.hospitals.outside.Hospital";
    private static final String OPERATOR = "org.innerkeep.examples.hospitals.outside.OperatorHost";
    private static final String MAIN = "org.innerkeep.cli.Main";

    /** Another form of the bundle than the agreed one. */
    enum Bundle {
        AGREED,
        OLDER,
        DEBUG
    }

    /**
     * One hospital.
     *
     * @param name its name in the job
     * @param party its user and folder, which no owner's name can make another party's
     * @param owner its public key, base64
     * @param recipient where its results are sealed to
     */
    record HospitalSide(String name, Party party, String owner, String recipient) {}

    private final Stage stage;
    private final Study study;
    private final Party keeper;
    private final Party operator;
    private final List<HospitalSide> hospitals;
    private final Map<Bundle, Path> bundles;
    private final SigningKey developer;
    private final Path anchor;
    private final Bytes runtime;
    private final Vaults vaults;
    private Child keeperProcess;
    private int storages;

    private World(
            Stage stage,
            Study study,
            Party keeper,
            Party operator,
            List<HospitalSide> hospitals,
            Map<Bundle, Path> bundles,
            SigningKey developer,
            Path anchor,
            Bytes runtime,
            Vaults vaults,
            Child keeperProcess) {
        this.stage = stage;
        this.study = study;
        this.keeper = keeper;
        this.operator = operator;
        this.hospitals = hospitals;
        this.bundles = bundles;
        this.developer = developer;
        this.anchor = anchor;
        this.runtime = runtime;
        this.vaults = vaults;
        this.keeperProcess = keeperProcess;
    }

    /** Builds it all, telling each step. */
    static World build(Stage stage, Study study, Steps steps) throws Exception {
        SigningKey developer = SigningKey.generate(SignerKey.Algorithm.P256);
        Path agreed = Files.createDirectory(stage.root().resolve("agreed"));
        Map<Bundle, Path> bundles = steps.timed(
                "the developer packs and signs the enclave", () -> pack(stage, agreed, developer));
        Party keeper = stage.party("keeper", true);
        Party operator = stage.party("operator", false);
        Child keeperProcess = steps.timed("the keeper starts", () -> startKeeper(stage, keeper, operator));
        Path anchor = agreed.resolve("keeper.anchor");
        Files.copy(stage.folder(keeper).resolve("state/keeper.anchor"), anchor);
        Files.createDirectories(stage.folder(operator).resolve("storage/inputs"));
        Map<HospitalSide, Bytes> hospitals = new LinkedHashMap<>();
        steps.timed("each hospital seals its records on its own side", () -> {
            for (var table : study.tables().entrySet()) {
                openHospital(stage, operator, table.getKey(), table.getValue(), hospitals);
            }
            return hospitals;
        });
        stage.give(operator, stage.folder(operator));
        // They take a while to start; the hospitals have something to do meanwhile.
        Vaults vaults = Vaults.launch(stage, anchor, hospitals);
        Bytes runtime = steps.timed(
                "the hospitals measure the agreed Java runtime on their own machine", () -> measureRuntime(agreed));
        steps.timed("each hospital's own vault serves, and gets its key", vaults::ready);
        return new World(
                stage, study, keeper, operator, List.copyOf(hospitals.keySet()), bundles, developer, anchor, runtime, vaults,
                keeperProcess);
    }

    private static Map<Bundle, Path> pack(Stage stage, Path agreed, SigningKey developer) throws Exception {
        Map<Bundle, Path> bundles = new LinkedHashMap<>();
        String properties = resource("/org/innerkeep/examples/hospitals/enclave.properties");
        for (Bundle bundle : Bundle.values()) {
            Path file = agreed.resolve(bundle.name().toLowerCase(java.util.Locale.ROOT) + ".properties");
            Files.writeString(
                    file,
                    switch (bundle) {
                        case AGREED -> properties;
                        case OLDER -> properties.replace("svn = " + SVN, "svn = " + (SVN - 1));
                        case DEBUG -> properties + "debug = true\n";
                    });
            Packer packer = Packing.prepare(file, ExampleJars.find(stage.jars(), "hospitals")).packer();
            Path packed = agreed.resolve(bundle.name().toLowerCase(java.util.Locale.ROOT) + ".enclave");
            packer.write(packed, developer);
            Files.setPosixFilePermissions(packed, PosixFilePermissions.fromString("rw-r--r--"));
            bundles.put(bundle, packed);
        }
        Files.setPosixFilePermissions(agreed, PosixFilePermissions.fromString("rwxr-xr-x"));
        return bundles;
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = World.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Child startKeeper(Stage stage, Party keeper, Party operator) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("keeper", "run", "--folder", stage.folder(keeper).resolve("state").toString()));
        operator.uid().ifPresent(uid -> arguments.addAll(List.of("--allow-user", uid.toString())));
        Child process = stage.java(keeper, MAIN, arguments);
        process.require("ready");
        return process;
    }

    private static Bytes measureRuntime(Path agreed) throws IOException, BundleException {
        try (InputStream in = Files.newInputStream(agreed.resolve("agreed.enclave"))) {
            List<String> modules = org.innerkeep.bundle.Bundle.inspect(in).manifest().javaModules();
            return Runtimes.measure(new Runtimes(agreed.resolve("runtimes")).obtain(modules));
        }
    }

    /** Adds the hospital, with the digest of its sealed file. */
    private static void openHospital(
            Stage stage, Party operator, String name, byte[] table, Map<HospitalSide, Bytes> hospitals) throws IOException {
        Party party = stage.party("hospital-" + name, false);
        String folder = stage.folder(party).toString();
        stage.put(party, "records.csv", table);
        Child keygen = stage.java(party, HOSPITAL, List.of("keygen", "--folder", folder));
        HospitalSide side = new HospitalSide(name, party, keygen.require("owner"), keygen.require("recipient"));
        Child seal = stage.java(
                party,
                HOSPITAL,
                List.of("seal", "--folder", folder, "--data", "records.csv", "--out", "records.age"));
        Bytes digest = Bytes.fromHex(seal.require("sealed").split(" ", 2)[0]);
        // The upload: the operator stores what it cannot read.
        Files.copy(
                stage.folder(party).resolve("records.age"),
                stage.folder(operator).resolve("storage/inputs/" + name + ".age"));
        hospitals.put(side, digest);
    }

    Stage stage() {
        return stage;
    }

    Study study() {
        return study;
    }

    Party keeper() {
        return keeper;
    }

    Party operator() {
        return operator;
    }

    List<HospitalSide> hospitals() {
        return hospitals;
    }

    SigningKey developer() {
        return developer;
    }

    Path anchor() {
        return anchor;
    }

    Path bundle(Bundle which) {
        Path bundle = bundles.get(which);
        if (bundle == null) {
            throw new IllegalStateException("no bundle " + which);
        }
        return bundle;
    }

    Path keeperFolder() {
        return stage.folder(keeper).resolve("state");
    }

    Path keeperSocket() {
        return keeperFolder().resolve("keeper.sock");
    }

    Path storage() {
        return stage.folder(operator).resolve("storage");
    }

    Bytes runtime() {
        return runtime;
    }

    Child keeperProcess() {
        return keeperProcess;
    }

    /** Starts the keeper again, after its process ended. */
    void restartKeeper() throws IOException {
        keeperProcess = startKeeper(stage, keeper, operator);
    }

    /** The job that the owners agree to. */
    Job job() throws JobException, MalformedException {
        JobCode code = new JobCode(
                Bytes.of(developer.publicKey().id().toArray()), PRODUCT, SVN, List.of(runtime), List.of());
        JobDraft draft = study.template().draft(code);
        for (HospitalSide hospital : hospitals) {
            draft.owner(new JobOwner(hospital.name(), OwnerKey.parse(hospital.owner())));
            draft.recipient(new JobRecipient(hospital.name(), hospital.recipient()));
            if (vaults.served()) {
                vaults.addTo(draft, hospital);
            }
        }
        return draft.toJob();
    }

    Vaults vaults() {
        return vaults;
    }

    /** A folder of the operator's with the hospitals' files and no results. */
    Path newStorage() throws IOException {
        Path storage = stage.folder(operator).resolve("storage" + ++storages);
        Path inputs = Files.createDirectories(storage.resolve("inputs"));
        for (HospitalSide each : hospitals) {
            Files.copy(storage().resolve("inputs/" + each.name() + ".age"), inputs.resolve(each.name() + ".age"));
        }
        stage.give(operator, storage);
        return storage;
    }

    /** Starts the operator's program with the agreed bundle, and lets it carry to the vaults. */
    Child operateWithVaults(Path job, Path storage, String... more) throws IOException {
        List<String> options = new ArrayList<>(
                List.of("--vaults", vaults.addresses(), "--vault-certificates", vaults.certificates().toString()));
        options.addAll(List.of(more));
        return operate(bundle(Bundle.AGREED), job, storage, keeperSocket(), Map.of(), options.toArray(String[]::new));
    }

    /** Starts the operator's program. */
    Child operate(Path bundle, Path job, Path storage, Path socket, Map<String, String> environment, String... more)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "--bundle", bundle.toString(),
                "--keeper", socket.toString(),
                "--storage", storage.toString(),
                "--job", job.toString()));
        arguments.addAll(List.of(more));
        return stage.java(operator, environment, OPERATOR, arguments);
    }

    /** Starts a hospital's program for a release. */
    Child release(HospitalSide hospital, String name, Path job, Path anchor, String address, String... more)
            throws IOException {
        Path folder = stage.folder(hospital.party());
        List<String> arguments = new ArrayList<>(List.of(
                "release",
                "--folder", folder.toString(),
                "--name", name,
                "--job", job.toString(),
                "--anchor", anchor.toString(),
                "--sealed", folder.resolve("records.age").toString(),
                "--connect", address));
        if (!stage.separate()) {
            arguments.add("--allow-same-user");
        }
        arguments.addAll(List.of(more));
        return stage.java(hospital.party(), HOSPITAL, arguments);
    }

    /** Starts a hospital's program for the offline check of its result. */
    Child verify(HospitalSide hospital, Path job) throws IOException {
        return hospital(hospital, "verify", job);
    }

    /** Starts a hospital's program for a verb that needs no enclave. */
    Child hospital(HospitalSide hospital, String verb, Path job, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                verb,
                "--folder", stage.folder(hospital.party()).toString(),
                "--name", hospital.name(),
                "--job", job.toString(),
                "--anchor", anchor.toString()));
        if (!stage.separate()) {
            arguments.add("--allow-same-user");
        }
        arguments.addAll(List.of(more));
        return stage.java(hospital.party(), HOSPITAL, arguments);
    }
}
