package org.innerkeep.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.innerkeep.cli.demo.Demo;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Runs the demonstration, after checking that the machine has what it needs. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Three hospitals train one model inside an attested enclave, each party a process of its own. Then the operator looks"
                    + " for what it must not see and tries what must fail.",
            "Takes a minute or two. Started by root, every party is a user of its own."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:result, scan and attacks all came out right",
            "1:one did not; the last line says which",
            "2:the command line is wrong",
            "3:something must be installed first"
        },
        footer = {"", "Example: innerkeep demo"})
final class DemoCommand implements Callable<Integer> {
    private static final List<Path> LIBRARY_FOLDERS = List.of(
            Path.of("/lib/x86_64-linux-gnu"),
            Path.of("/usr/lib/x86_64-linux-gnu"),
            Path.of("/lib/aarch64-linux-gnu"),
            Path.of("/usr/lib/aarch64-linux-gnu"),
            Path.of("/usr/lib64"),
            Path.of("/usr/lib"));

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        List<String> missing = missing();
        if (!missing.isEmpty()) {
            missing.forEach(each -> spec.commandLine().getErr().println("innerkeep: " + each));
            return Main.PREREQUISITE;
        }
        return Demo.run(spec.commandLine().getOut()) ? 0 : Main.FAILED;
    }

    private static List<String> missing() {
        List<String> missing = new ArrayList<>();
        if (LIBRARY_FOLDERS.stream().noneMatch(folder -> Files.exists(folder.resolve("libgomp.so.1")))) {
            missing.add("libgomp.so.1, which XGBoost needs, was not found: apt-get install libgomp1");
        }
        for (String program : List.of("/usr/bin/setpriv", "/usr/bin/prlimit")) {
            if (!Files.isExecutable(Path.of(program))) {
                missing.add(program + ", which starts enclaves, was not found: apt-get install util-linux");
            }
        }
        return missing;
    }
}
