package org.innerkeep.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.innerkeep.cli.demo.MainJob.Area;
import org.innerkeep.cli.demo.MainJob.Got;
import org.innerkeep.cli.demo.World.HospitalSide;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Statement;

/**
 * A folder for everything that came to be in a demonstration, each party's in a folder of its own, with an index. Only whoever
 * ran the demonstration can read it: it holds the parties' secrets, since all of them are played.
 */
public final class KeepFolder {
    private final Path folder;

    private KeepFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Takes a folder, before anything starts.
     *
     * @param folder does not exist yet, or is empty
     * @return the folder, which exists now
     * @throws IllegalArgumentException if there is something in it, or it is no folder
     * @throws IOException if it cannot be made
     */
    public static KeepFolder claim(Path folder) throws IOException {
        Path absolute = folder.toAbsolutePath().normalize();
        if (!Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(
                    absolute, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        if (!Files.isDirectory(absolute)) {
            throw new IllegalArgumentException(folder + ": is no folder");
        }
        try (Stream<Path> content = Files.list(absolute)) {
            if (content.findAny().isPresent()) {
                throw new IllegalArgumentException(folder + ": is not empty; name a folder that does not exist yet");
            }
        }
        Files.setPosixFilePermissions(absolute, PosixFilePermissions.fromString("rwx------"));
        return new KeepFolder(absolute);
    }

    /** {@return its absolute path} */
    public Path folder() {
        return folder;
    }

    void fill(World world, DemoReport report, String forPeople, String forPrograms) throws IOException, MalformedException {
        Stage stage = world.stage();
        copyFiles(stage.root().resolve("agreed"), folder.resolve("agreed"));
        world.developer().write(Files.createDirectory(folder.resolve("developer")).resolve("developer.pem"));
        copyFiles(world.keeperFolder(), folder.resolve("keeper"));
        Path operator = Files.createDirectories(folder.resolve("operator"));
        Files.copy(stage.folder(world.operator()).resolve("relayed.bytes"), operator.resolve("relayed.bytes"));
        copyFiles(world.storage().resolve("inputs"), operator.resolve("storage/inputs"));
        for (HospitalSide hospital : world.hospitals()) {
            copyFiles(results(world, hospital), operator.resolve("storage/results").resolve(hospital.name()));
            Path own = folder.resolve("hospitals").resolve(hospital.name());
            copyFiles(stage.folder(hospital.party()), own);
            copyFiles(stage.folder(hospital.party()).resolve("result"), own.resolve("result"));
            Got got = report.results().get(hospital);
            if (got != null) {
                write("hospitals/" + hospital.name() + "/result.txt", figures(got));
            }
        }
        byte[] statement = Files.readAllBytes(results(world, world.hospitals().getFirst()).resolve("result.statement"));
        Files.write(operator.resolve("enclave.evidence"), Statement.parse(statement).evidence().toArray());
        write("attacks.txt", attacks(report));
        write("report.txt", forPeople);
        write("report.json", forPrograms);
        write("README.txt", index(world));
    }

    private static Path results(World world, HospitalSide hospital) {
        return world.storage().resolve("results").resolve(hospital.name());
    }

    /** The files that lie in a folder itself. Java runtimes, sockets and what is left of attacks are in folders below. */
    private static void copyFiles(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(each -> Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS)).toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private static String figures(Got got) {
        return "area under the ROC curve (95 % interval)\n"
                + "  pooled " + text(got.pooled()) + "\n  alone  " + text(got.alone()) + "\n  gain   " + text(got.gain()) + "\n"
                + "records given " + got.records() + "\nmodel sha-256 " + got.model() + "\n";
    }

    private static String text(Area area) {
        return String.format(Locale.ROOT, "%.4f (%.4f to %.4f)", area.auc(), area.low(), area.high());
    }

    private static String attacks(DemoReport report) {
        StringBuilder text = new StringBuilder("attack | expected | found\n");
        for (Attacks.Outcome outcome : report.outcomes()) {
            text.append(outcome.name()).append(" | ").append(outcome.wanted()).append(" | ").append(outcome.found()).append('\n');
        }
        return text.toString();
    }

    private String index(World world) throws IOException {
        List<String> names = world.hospitals().stream().map(HospitalSide::name).toList();
        String text;
        try (InputStream in = KeepFolder.class.getResourceAsStream("keep-readme.txt")) {
            if (in == null) {
                throw new IOException("keep-readme.txt is not on the class path");
            }
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        return text.replace("@FOLDER@", folder.toString())
                .replace("@OWNERS@", String.join(" ", names))
                .replace("@FIRST@", names.getFirst())
                .replace("@SAME_USER@", world.stage().separate() ? "" : " --allow-same-user");
    }
}
