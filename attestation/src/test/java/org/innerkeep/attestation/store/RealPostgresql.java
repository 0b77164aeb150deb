package org.innerkeep.attestation.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A PostgreSQL server of the tests' own: in a folder of its own, on a loopback port of its own, never as root. */
public final class RealPostgresql implements AutoCloseable {
    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");
    private static final String PASSWORD = "of these tests";

    private final Path programs;
    private final Path folder;
    private final int port;
    private Process server;

    private RealPostgresql(Path programs, Path folder, int port) throws IOException {
        this.programs = programs;
        this.folder = folder;
        this.port = port;
        this.server = run();
    }

    /** The newest installed, as Debian installs it. */
    public static Optional<Path> installed() throws IOException {
        if (!Files.isDirectory(VERSIONS)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(VERSIONS)) {
            return versions.filter(version -> version.toString().matches(".*/\\d+"))
                    .sorted(Comparator.comparingInt((Path version) -> Integer.parseInt(version.toString().replaceAll(".*/", "")))
                            .reversed())
                    .map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")) && Files.isExecutable(bin.resolve("postgres")))
                    .findFirst();
        }
    }

    public static RealPostgresql start(Path programs) throws Exception {
        Path folder = Files.createTempDirectory("innerkeep-postgresql");
        Path password = Files.writeString(folder.resolve("password"), PASSWORD, UTF_8);
        if (isRoot()) {
            call(List.of("chown", "-R", "postgres", folder.toString()));
        }
        call(asOrdinaryUser(List.of(
                programs.resolve("initdb").toString(), "-D", folder.resolve("data").toString(), "-U", "innerkeep",
                "--auth=scram-sha-256", "--pwfile=" + password, "-E", "UTF8", "--locale=C")));
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        RealPostgresql started = new RealPostgresql(programs, folder, port);
        started.awaitConnections();
        return started;
    }

    private Process run() throws IOException {
        return new ProcessBuilder(asOrdinaryUser(List.of(
                        programs.resolve("postgres").toString(), "-D", folder.resolve("data").toString(), "-p", Integer.toString(port),
                        "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=")))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
    }

    private void awaitConnections() throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            try {
                execute("postgres", "SELECT 1");
                return;
            } catch (SQLException e) {
                if (!server.isAlive() || System.nanoTime() > until) {
                    throw new IllegalStateException("the server does not start: " + Files.readString(folder.resolve("log")), e);
                }
                Thread.sleep(50);
            }
        }
    }

    /** Power is cut: no process of the server gets to do anything more. Then it starts again. */
    void killAndStartAgain() throws Exception {
        List<ProcessHandle> all = new ArrayList<>(server.descendants().toList());
        all.addFirst(server.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle each : all) {
            each.onExit().get(30, TimeUnit.SECONDS);
        }
        server = run();
        awaitConnections();
    }

    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=innerkeep&password=" + PASSWORD.replace(" ", "%20");
    }

    Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database));
    }

    public void execute(String database, String statement) throws SQLException {
        try (Connection connection = connect(database);
                Statement each = connection.createStatement()) {
            each.execute(statement);
        }
    }

    /** By its own process: the server ends at once when its clients have gone, and they have. */
    @Override
    public void close() throws IOException {
        server.toHandle().destroy();
        try {
            server.toHandle().onExit().get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException _) {
            server.destroyForcibly();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    /** PostgreSQL refuses to run as root; Debian's package brings this user. */
    private static List<String> asOrdinaryUser(List<String> command) {
        if (!isRoot()) {
            return command;
        }
        List<String> with = new ArrayList<>(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
        with.addAll(command);
        return with;
    }

    private static void call(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(command + " failed: " + said);
        }
    }
}
