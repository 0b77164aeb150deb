package org.innerkeep.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Sets a keeper up as a systemd service under its own user, which can switch to other users, change a folder's owner and end
 * other users' processes, and nothing else that root can.
 */
@Command(
        name = "install",
        mixinStandardHelpOptions = true,
        description = "Sets the keeper up as a service under its own user. Needs root.",
        footer = {
            "",
            "Examples:",
            "  innerkeep keeper install --allow-user alice    set up and start",
            "  innerkeep keeper install --print               show what would be done"
        })
final class KeeperInstallCommand implements Callable<Integer> {
    private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,30}|[0-9]{1,10}");
    private static final String SERVICE = "innerkeep-keeper";

    @Option(
            names = "--allow-user",
            paramLabel = "USER",
            description = "A user, by name or number, who may start enclaves. Repeatable.")
    private List<String> allowed = List.of();

    @Option(names = "--print", description = "Print the steps and the unit instead of doing them.")
    private boolean print;

    @Option(names = "--root", paramLabel = "DIR", hidden = true, description = "Install below this folder.")
    private Path root = Path.of("/");

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (String user : allowed) {
            if (!USER.matcher(user).matches()) {
                throw new CommandLine.ParameterException(spec.commandLine(), "--allow-user: not a user's name: " + user);
            }
        }
        Path lib = root.resolve("usr/local/lib/innerkeep");
        Path unit = root.resolve("etc/systemd/system/" + SERVICE + ".service");
        List<List<String>> steps = List.of(
                List.of("adduser", "--system", "--group", "--home", "/var/lib/innerkeep", "--no-create-home", SERVICE),
                List.of("systemctl", "daemon-reload"),
                List.of("systemctl", "enable", "--now", SERVICE));
        if (print) {
            var out = spec.commandLine().getOut();
            out.println("# copy " + ownJars().size() + " jars to " + lib);
            out.println("# " + String.join(" ", steps.getFirst()));
            out.println("# write " + unit + ":");
            out.print(unit());
            steps.subList(1, steps.size()).forEach(step -> out.println("# " + String.join(" ", step)));
            out.flush();
            return 0;
        }
        if (!Files.isWritable(root.resolve("etc"))) {
            throw new IOException("installing a service needs root: run it with sudo, or use --print to see the steps");
        }
        run(steps.getFirst());
        copyJars(lib);
        Files.createDirectories(unit.getParent());
        Files.writeString(unit, unit());
        for (List<String> step : steps.subList(1, steps.size())) {
            run(step);
        }
        spec.commandLine().getOut().println("installed; 'innerkeep keeper anchor --folder /var/lib/innerkeep' prints the key"
                + " that relying parties pin");
        return 0;
    }

    private String unit() {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                "/usr/local/lib/innerkeep/*",
                "org.innerkeep.cli.Main",
                "keeper",
                "run",
                "--folder",
                "/var/lib/innerkeep"));
        allowed.forEach(user -> command.addAll(List.of("--allow-user", user)));
        String capabilities = "CAP_SETUID CAP_SETGID CAP_CHOWN CAP_KILL CAP_SYS_PTRACE";
        return """
                [Unit]
                Description=Innerkeep keeper
                After=local-fs.target

                [Service]
                ExecStart=%s
                User=%s
                Group=%s
                StateDirectory=innerkeep
                StateDirectoryMode=0711
                AmbientCapabilities=%s
                CapabilityBoundingSet=%s
                NoNewPrivileges=yes
                ProtectSystem=strict
                ProtectHome=yes
                PrivateTmp=yes
                PrivateNetwork=yes
                MemorySwapMax=0
                RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
                LimitCORE=0
                LimitMEMLOCK=infinity
                Restart=on-failure

                [Install]
                WantedBy=multi-user.target
                """
                .formatted(String.join(" ", command), SERVICE, SERVICE, capabilities, capabilities);
    }

    private static List<Path> ownJars() {
        List<Path> jars = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            if (entry.endsWith(".jar")) {
                jars.add(Path.of(entry));
            }
        }
        return jars;
    }

    private static void copyJars(Path lib) throws IOException {
        Files.createDirectories(lib);
        for (Path jar : ownJars()) {
            Path target = lib.resolve(jar.getFileName());
            Files.copy(jar, target, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r--r--"));
        }
    }

    private static void run(List<String> step) throws IOException, InterruptedException {
        int exit;
        try {
            exit = new ProcessBuilder(step).inheritIO().start().waitFor();
        } catch (IOException e) {
            throw new IOException(step.getFirst() + " was not found: this sets up systemd services only; --print shows the"
                    + " steps for other systems", e);
        }
        if (exit != 0) {
            throw new IOException("'" + String.join(" ", step) + "' ended with exit code " + exit);
        }
    }
}
