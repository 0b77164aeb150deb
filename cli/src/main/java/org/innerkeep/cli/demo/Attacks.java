package org.innerkeep.cli.demo;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobException;
import org.innerkeep.cli.demo.World.HospitalSide;
import org.innerkeep.evidence.MalformedException;

/**
 * What an operator may try. Each attack goes through the keeper, a host program and sockets against the shipped hospital's
 * client; each changes one thing of a run that is accepted without it, and must fail for the reason that it names.
 */
final class Attacks {
    /**
     * One attempt.
     *
     * @param name what was tried
     * @param wanted the reason codes that must stop it, exactly these
     * @param found what stopped it, or what it reached
     */
    record Outcome(String name, String wanted, String found) {
        boolean failedAsItMust() {
            return found.equals(wanted);
        }
    }

    /** A run with one thing changed; what came out of it. */
    @FunctionalInterface
    private interface Attempt {
        String run() throws Exception;
    }

    private static final String IMPOSTOR = "org.innerkeep.cli.demo.Impostor";
    private static final String DURING = "org.innerkeep.cli.demo.ChangesDuringLaunch";
    private static final String CROOKED = "org.innerkeep.cli.demo.CrookedHost";
    static final String ACCEPTED = "ACCEPTED";

    private final World world;
    private final Path job;
    private final MainJob running;
    private final EditedJobs edited;
    private final List<Outcome> outcomes = new ArrayList<>();
    private int keepers;

    Attacks(World world, Path job, MainJob running) throws JobException, MalformedException {
        this.world = world;
        this.job = job;
        this.running = running;
        this.edited = new EditedJobs(world.job());
    }

    List<Outcome> all(Steps steps) throws Exception {
        tryOut(steps, "one byte of the bundle's code changed before launch", "BUNDLE_FILE_MISMATCH",
                () -> start(changed(world.bundle(World.Bundle.AGREED), Attacks::flipLastByte)));
        tryOut(steps, "one byte of the bundle's manifest changed before launch", "BUNDLE_SIGNATURE_INVALID",
                () -> start(changed(world.bundle(World.Bundle.AGREED), Attacks::raiseVersion)));
        tryOut(steps, "one byte of the bundle changed during launch", "BUNDLE_FILE_MISMATCH", this::changeDuringLaunch);
        if (world.stage().separate()) {
            tryOut(steps, "the keeper's own copy changed during launch", "PERMISSION_DENIED", this::changeKeepersCopy);
        }
        tryOut(steps, "a patched Java runtime", "RUNTIME_MISMATCH", this::patchRuntime);
        tryOut(steps, "an older version, signed by the same developer", "SVN_TOO_LOW",
                () -> release(world.bundle(World.Bundle.OLDER), put(edited.forOlderCode())));
        tryOut(steps, "the agreed job given to an older version", "JOB_NOT_FOR_THIS_CODE",
                () -> start(world.bundle(World.Bundle.OLDER)));
        tryOut(steps, "a debug build of the same code", "DEBUG_ENCLAVE", () -> release(world.bundle(World.Bundle.DEBUG), job));
        tryOut(steps, "a keeper that nobody pinned", "ANCHOR_NOT_PINNED", this::otherKeeper);
        tryOut(steps, "mock evidence, even of a pinned key", "MOCK_PLATFORM,PLATFORM_NOT_ACCEPTED", this::mock);
        tryOut(steps, "recorded evidence replayed", "REPORT_DATA_MISMATCH", () -> impostor("replay"));
        tryOut(steps, "a session relayed to the true enclave", "REPORT_DATA_MISMATCH", () -> impostor("relay"));
        tryOut(steps, "the job edited: one recipient more", "JOB_DIFFERS", () -> release(put(edited.oneRecipientMore())));
        tryOut(steps, "the job edited: another parameter", "JOB_DIFFERS", () -> release(put(edited.oneRoundMore())));
        tryOut(steps, "one owner under another owner's name", "SIGNATURE_INVALID", this::ownerUnderAnotherName);
        tryOut(steps, "one owner releasing twice", "OWNER_ALREADY_RELEASED", this::ownerTwice);
        tryOut(steps, "an owner dropped: training without its release", "OWNERS_MISSING", this::ownerDropped);
        tryOut(steps, "an owner dropped from the job", "JOB_DIFFERS", () -> release(put(edited.withoutLastOwner())));
        tryOut(steps, "a sealed file cut short", "INPUT_DIFFERS", () -> releaseOfFile(bytes -> Arrays.copyOf(bytes, bytes.length - Math.min(1000, bytes.length / 4))));
        tryOut(steps, "two parts of a sealed file swapped", "INPUT_DIFFERS", () -> releaseOfFile(Attacks::swapChunks));
        tryOut(steps, "a sealed file replaced by another owner's", "INPUT_DIFFERS", this::releaseOfOthersFile);
        tryOut(steps, "a sealed file replaced by last month's", "INPUT_DIFFERS", this::releaseOfLastMonthsFile);
        ForgedResults forged = new ForgedResults(world, job);
        tryOut(steps, "a true model with invented figures", "RESULT_DIFFERS", forged::inventedFigures);
        tryOut(steps, "another hospital's result, sealed to this one", "RESULT_DIFFERS", forged::anothersResult);
        if (world.vaults().served()) {
            tryOut(steps, "another vault in the place of an owner's", "VAULT_REPLACED", () -> crooked("swap"));
            tryOut(steps, "a vault's answer replayed to another enclave", "VAULT_REPLACED", () -> crooked("replay"));
            tryOut(steps, "made-up records, sealed to an owner's public key", "INPUT_DIFFERS", this::madeUpRecords);
            tryOut(steps, "a vault and a file put into the job in an owner's name", "VAULT_NOT_VOUCHED", this::inAnOwnersName);
            tryOut(steps, "a run after one owner revoked its grant", "VAULT_REFUSED", this::revoked);
        }
        tryOut(steps, "JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS, LD_PRELOAD, .hotspotrc planted", "UNAFFECTED", this::plant);
        return List.copyOf(outcomes);
    }

    private void tryOut(Steps steps, String name, String wanted, Attempt attempt) throws Exception {
        steps.timed(name, () -> {
            String found = attempt.run();
            outcomes.add(new Outcome(name, wanted, found));
            return found;
        });
    }


    private Path changed(Path bundle, UnaryOperator<byte[]> change) throws IOException {
        return world.stage().put(world.operator(), "changed.enclave", change.apply(Files.readAllBytes(bundle)));
    }

    private static byte[] flipLastByte(byte[] bytes) {
        bytes[bytes.length - 1] ^= 1;
        return bytes;
    }

    private static byte[] raiseVersion(byte[] bytes) {
        byte[] line = ("\nsvn " + World.SVN + "\n").getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < bytes.length - line.length; i++) {
            if (Arrays.equals(bytes, i, i + line.length, line, 0, line.length)) {
                bytes[i + line.length - 2]++;
                return bytes;
            }
        }
        throw new IllegalStateException("the manifest holds no svn line");
    }

    /** The sealed payload's chunks are 64 KiB; of a small file, parts of its only chunk. */
    private static byte[] swapChunks(byte[] bytes) {
        byte[] swapped = bytes.clone();
        int size = Math.min(64 << 10, bytes.length / 4);
        int first = bytes.length - 2 * size;
        System.arraycopy(bytes, first + size, swapped, first, size);
        System.arraycopy(bytes, first, swapped, first + size, size);
        return swapped;
    }

    private Path storageWith(HospitalSide hospital, byte[] file) throws IOException {
        Path storage = world.newStorage();
        Files.write(storage.resolve("inputs").resolve(hospital.name() + ".age"), file);
        world.stage().give(world.operator(), storage);
        return storage;
    }


    private String start(Path bundle) throws IOException {
        try (Child operator = world.operate(bundle, job, world.storage(), world.keeperSocket(), Map.of())) {
            return codes(operator, "ready");
        }
    }

    private Path put(Job edited) throws IOException {
        return world.stage().put(world.operator(), "edited.json", edited.bytes().toArray());
    }

    private String release(Path operatorsJob) throws IOException {
        return release(world.bundle(World.Bundle.AGREED), operatorsJob);
    }

    private String release(Path bundle, Path operatorsJob) throws IOException {
        return release(bundle, operatorsJob, world.storage(), world.keeperSocket());
    }

    private String releaseOfFile(UnaryOperator<byte[]> change) throws IOException {
        HospitalSide hospital = world.hospitals().getFirst();
        byte[] file = Files.readAllBytes(world.storage().resolve("inputs/" + hospital.name() + ".age"));
        return release(
                world.bundle(World.Bundle.AGREED),
                job,
                storageWith(hospital, change.apply(file)),
                world.keeperSocket());
    }

    private String releaseOfOthersFile() throws IOException {
        byte[] others = Files.readAllBytes(
                world.storage().resolve("inputs/" + world.hospitals().getLast().name() + ".age"));
        return releaseOfFile(own -> others);
    }

    /** The same hospital sealed an earlier state of its records to the same key, so it would open. */
    private String releaseOfLastMonthsFile() throws IOException {
        HospitalSide hospital = world.hospitals().getFirst();
        Path folder = world.stage().folder(hospital.party());
        List<String> lines = Files.readAllLines(folder.resolve("records.csv"));
        world.stage().put(
                hospital.party(),
                "last-month.csv",
                (String.join("\n", lines.subList(0, Math.max(2, lines.size() - 5))) + "\n").getBytes(StandardCharsets.UTF_8));
        world.stage()
                .java(
                        hospital.party(),
                        "org.innerkeep.examples.hospitals.outside.Hospital",
                        List.of("seal", "--folder", folder.toString(), "--data", "last-month.csv", "--out", "last-month.age"))
                .require("sealed");
        byte[] old = Files.readAllBytes(folder.resolve("last-month.age"));
        return releaseOfFile(current -> old);
    }

    /** The first hospital's release against an operator's program. */
    private String release(Path bundle, Path operatorsJob, Path storage, Path socket) throws IOException {
        try (Child operator = world.operate(bundle, operatorsJob, storage, socket, Map.of())) {
            Optional<String> address = operator.await("listening");
            if (address.isEmpty()) {
                return "NOT_STARTED";
            }
            return releaseTo(address.get(), world.anchor());
        }
    }

    private String releaseTo(String address, Path anchor, String... more) throws IOException {
        HospitalSide hospital = world.hospitals().getFirst();
        List<String> options = new ArrayList<>(List.of("--no-wait"));
        options.addAll(List.of(more));
        try (Child client = world.release(
                hospital, hospital.name(), job, anchor, address, options.toArray(String[]::new))) {
            return codes(client, "released");
        }
    }

    /** The codes of a refusal, or that there was none. */
    static String codes(Child child, String success) {
        return child.awaitAny("REFUSED", success)
                .map(line -> line.startsWith("REFUSED ") ? line.split(" ", 3)[1] : ACCEPTED)
                .orElseGet(() -> "FAILED: " + child.said());
    }

    private String changeDuringLaunch() throws IOException {
        try (Child host = world.stage().java(
                world.operator(),
                DURING,
                List.of(world.bundle(World.Bundle.AGREED).toString(), world.keeperSocket().toString()))) {
            return codes(host, "started");
        }
    }

    private String changeKeepersCopy() throws IOException {
        try (Child host = world.stage().java(
                world.operator(),
                DURING,
                List.of(
                        world.bundle(World.Bundle.AGREED).toString(),
                        world.keeperSocket().toString(),
                        world.keeperFolder().resolve("run").toString()))) {
            return codes(host, "changed");
        }
    }

    /** Someone with the keeper's rights changes a file of the runtime that enclaves run on. */
    private String patchRuntime() throws IOException, JobException {
        Path runtimes = world.keeperFolder().resolve("runtimes");
        List<Path> patched = new ArrayList<>();
        try (var images = Files.list(runtimes)) {
            for (Path image : images.toList()) {
                Path file = image.resolve("conf/security/java.security");
                Path kept = file.resolveSibling("java.security.kept");
                Files.copy(file, kept, StandardCopyOption.COPY_ATTRIBUTES);
                Files.move(kept, world.stage().root().resolve(image.getFileName() + ".kept"));
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
                Files.writeString(file, Files.readString(file) + "\nsecurerandom.drbg.config=\n");
                patched.add(file);
            }
        }
        try {
            return release(put(edited.onAnyRuntime()));
        } finally {
            for (Path file : patched) {
                Path image = runtimes.resolve(runtimes.relativize(file).getName(0));
                Files.copy(
                        world.stage().root().resolve(image.getFileName() + ".kept"),
                        file,
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.COPY_ATTRIBUTES);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
                world.stage().give(world.keeper(), file);
            }
        }
    }

    private String otherKeeper() throws IOException {
        Party party = world.stage().party("keeper" + ++keepers, true);
        List<String> arguments = new ArrayList<>(
                List.of("keeper", "run", "--folder", world.stage().folder(party).resolve("state").toString()));
        world.operator().uid().ifPresent(uid -> arguments.addAll(List.of("--allow-user", uid.toString())));
        // Its own range of user ids, so that its enclaves share none with the first keeper's.
        arguments.addAll(List.of("--enclave-uids", Integer.toString(0x7200_0000)));
        try (Child keeper = world.stage().java(party, "org.innerkeep.cli.Main", arguments)) {
            Path socket = Path.of(keeper.require("socket"));
            keeper.require("ready");
            return release(world.bundle(World.Bundle.AGREED), job, world.storage(), socket);
        }
    }

    private String impostor(String kind) throws IOException {
        String port = running.address().substring(running.address().lastIndexOf(':') + 1);
        try (Child impostor = world.stage().java(world.operator(), IMPOSTOR, List.of(kind, port))) {
            return deceive(impostor, world.anchor());
        }
    }

    /** A release to an impostor: refused, and before a single byte for the application was sent. */
    private String deceive(Child impostor, Path anchor) throws IOException {
        String outcome = releaseTo(impostor.require("listening"), anchor);
        Optional<String> heard = impostor.awaitAny("client left", "CLIENT SPOKE");
        return heard.equals(Optional.of("client left")) ? outcome : outcome + " AFTER THE CLIENT SPOKE";
    }

    private String mock() throws IOException {
        try (Child impostor = world.stage()
                .java(
                        world.operator(),
                        IMPOSTOR,
                        List.of("mock", world.developer().publicKey().id().toString(), world.runtime().hex()))) {
            HospitalSide hospital = world.hospitals().getFirst();
            Path pinned = world.stage()
                    .put(hospital.party(), "mock.anchor", impostor.require("anchor").getBytes(StandardCharsets.US_ASCII));
            return deceive(impostor, pinned);
        }
    }

    private String crooked(String kind) throws IOException {
        try (Child host = world.stage().java(
                world.operator(),
                CROOKED,
                List.of(
                        kind,
                        world.bundle(World.Bundle.AGREED).toString(),
                        world.keeperSocket().toString(),
                        world.storage().toString(),
                        job.toString(),
                        world.vaults().certificates().toString()))) {
            return codes(host, "obtained");
        }
    }

    /** Whoever knows the recipient, which stands in the job, can seal a file to it, and the vault would give its key. */
    private String madeUpRecords() throws IOException {
        HospitalSide hospital = world.hospitals().getFirst();
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        SealedFile.seal(
                new ByteArrayInputStream(world.study().table(world.hospitals().getLast().name())),
                sealed,
                List.of(Recipient.parse(hospital.recipient())),
                new SecureRandom());
        return obtain(job, storageWith(hospital, sealed.toByteArray()));
    }

    /** The other hospitals must refuse such a job, and so must the enclave if somebody agrees to it. */
    private String inAnOwnersName() throws IOException, JobException {
        HospitalSide first = world.hospitals().getFirst();
        HospitalSide last = world.hospitals().getLast();
        Job crooked = edited.anothersVaultForFirst();
        Path offered = world.stage().put(last.party(), "offered.json", crooked.bytes().toArray());
        String agreed;
        try (Child client = world.hospital(last, "agree", offered)) {
            agreed = codes(client, "agreed");
        }
        byte[] file = Files.readAllBytes(world.storage().resolve("inputs/" + last.name() + ".age"));
        String obtained = obtain(put(crooked), storageWith(first, file));
        return agreed.equals(obtained) ? obtained : "hospital " + agreed + ", enclave " + obtained;
    }

    private String obtain(Path operatorsJob, Path storage) throws IOException {
        try (Child operator = world.operateWithVaults(operatorsJob, storage)) {
            operator.require("ready");
            operator.tell("obtain");
            return codes(operator, "obtained");
        }
    }

    /** The owner's own view must say it too. */
    private String revoked() throws IOException {
        HospitalSide hospital = world.hospitals().getFirst();
        world.vaults().revoke(hospital);
        String outcome = obtain(job, world.storage());
        return world.vaults().why(hospital).contains("REVOKED grant") ? outcome : outcome + " UNEXPLAINED";
    }

    private String ownerUnderAnotherName() throws IOException {
        return withOperator((operator, address) -> {
            HospitalSide first = world.hospitals().getFirst();
            try (Child client = world.release(
                    first, world.hospitals().getLast().name(), job, world.anchor(), address, "--no-wait")) {
                return codes(client, "released");
            }
        });
    }

    private String ownerTwice() throws IOException {
        return withOperator((operator, address) -> {
            String once = releaseTo(address, world.anchor());
            return once.equals(ACCEPTED) ? releaseTo(address, world.anchor()) : "FIRST RELEASE " + once;
        });
    }

    private String ownerDropped() throws IOException {
        return withOperator((operator, address) -> {
            for (HospitalSide hospital : world.hospitals().subList(0, world.hospitals().size() - 1)) {
                try (Child client =
                        world.release(hospital, hospital.name(), job, world.anchor(), address, "--no-wait")) {
                    client.require("released");
                }
            }
            operator.tell("train");
            operator.tell("quit");
            return codes(operator, "trained");
        });
    }

    @FunctionalInterface
    private interface WithOperator {
        String run(Child operator, String address) throws IOException;
    }

    private String withOperator(WithOperator action) throws IOException {
        try (Child operator = world.operate(
                world.bundle(World.Bundle.AGREED), job, world.storage(), world.keeperSocket(), Map.of())) {
            return action.run(operator, operator.require("listening"));
        }
    }

    /** The host plants everything that changes a JVM; the enclave must be the very same, and a plain JVM must not. */
    private String plant() throws IOException {
        Map<String, String> planted = Map.of(
                "JAVA_TOOL_OPTIONS", "-Dplanted=tool",
                "JDK_JAVA_OPTIONS", "-Dplanted=launcher",
                "LD_PRELOAD", "/planted.so");
        world.stage().put(world.operator(), ".hotspotrc", "-XX:+PrintFlagsFinal\n".getBytes(StandardCharsets.US_ASCII));
        try (Child operator = world.operate(
                world.bundle(World.Bundle.AGREED), job, world.storage(), world.keeperSocket(), planted)) {
            String id = operator.require("enclave");
            String outcome = releaseTo(operator.require("listening"), world.anchor());
            if (!outcome.equals(ACCEPTED)) {
                return outcome;
            }
            if (!operator.said().contains("planted")) {
                return "THE CONTROL FAILED: the host's own JVM took no planted options";
            }
            ProcessHandle enclave = enclave(id)
                    .orElseThrow(() -> new IOException("the enclave's process was not found"));
            Path process = Path.of("/proc", Long.toString(enclave.pid()));
            String environment = new String(Files.readAllBytes(process.resolve("environ")), StandardCharsets.UTF_8);
            String arguments = new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
            boolean clean = environment.isEmpty()
                    && !arguments.contains("planted")
                    && !Files.readString(process.resolve("maps")).contains("planted");
            return clean ? "UNAFFECTED" : "THE ENCLAVE WAS REACHED";
        } finally {
            Files.deleteIfExists(world.stage().folder(world.operator()).resolve(".hotspotrc"));
        }
    }

    /** The enclave's process, found by its working folder, which is named after the first half of its id. */
    static Optional<ProcessHandle> enclave(String id) {
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    try {
                        return Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"))
                                .endsWith(id.substring(0, 16));
                    } catch (IOException e) {
                        return false;
                    }
                })
                .findFirst();
    }
}
