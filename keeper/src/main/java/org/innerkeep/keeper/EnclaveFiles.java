package org.innerkeep.keeper;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.linux.Machine;
import org.innerkeep.keeper.Landlock.Access;
import org.innerkeep.keeper.Landlock.Rule;

/**
 * The files of an enclave: its bundle, its runtime, what native code is linked with, randomness, and the two programs that prepare the
 * process. Nothing can be written but the memory for calls; in one folder sockets can be made. Not among them are the settings of the machine, its time zone and
 * host names, and what the kernel tells of processes: a JVM runs without.
 */
final class EnclaveFiles {
    private EnclaveFiles() {}

    /**
     * The rules.
     *
     * @param machine the kind of processor, which names folders of libraries
     * @param runtime the linked Java runtime
     * @param bundle the folder with the bundle's files
     * @param sockets the folder where the enclave makes its socket
     * @param calls the memory for calls, if there is any
     * @param programs what is executed before the runtime's {@code bin/java}, absolute
     * @return rules for {@link Landlock#of}
     */
    static List<Rule> of(Machine machine, Path runtime, Path bundle, Path sockets, Optional<Path> calls, List<Path> programs) {
        List<Rule> rules = new ArrayList<>(List.of(
                new Rule(runtime, Access.READ_ALL),
                new Rule(runtime.resolve("bin/java"), Access.EXECUTE),
                new Rule(bundle, Access.READ_ALL),
                new Rule(sockets, Access.MAKE_SOCKETS)));
        calls.ifPresent(file -> rules.add(new Rule(file, Access.SHARE)));
        programs.forEach(program -> rules.add(new Rule(program, Access.EXECUTE)));
        rules.addAll(system(machine));
        return rules;
    }

    /** What every program that is linked dynamically needs of the system, and randomness. */
    static List<Rule> system(Machine machine) {
        List<Rule> rules = new ArrayList<>(Landlock.forThoseThere(Access.EXECUTE, loaders(machine)));
        rules.addAll(Landlock.forThoseThere(Access.READ_ALL, libraries(machine)));
        rules.addAll(Landlock.forThoseThere(Access.READ, List.of("/etc/ld.so.cache", "/dev/urandom", "/dev/random")));
        rules.addAll(Landlock.forThoseThere(Access.READ_WRITE, List.of("/dev/null")));
        return rules;
    }

    /** What the kernel executes for every program that is linked dynamically: glibc's and musl's. */
    private static List<String> loaders(Machine machine) {
        return switch (machine) {
            case X86_64 -> List.of("/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1");
            case AARCH64 -> List.of("/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1");
        };
    }

    /** Where distributions keep libraries: apart by processor (Debian), apart by width (Fedora, SUSE), or all together. */
    private static List<String> libraries(Machine machine) {
        String triple = switch (machine) {
            case X86_64 -> "x86_64-linux-gnu";
            case AARCH64 -> "aarch64-linux-gnu";
        };
        if (Files.isDirectory(Path.of("/usr/lib", triple))) {
            return List.of("/lib/" + triple, "/usr/lib/" + triple);
        }
        if (Files.isDirectory(Path.of("/usr/lib64"))) {
            return List.of("/lib64", "/usr/lib64");
        }
        return List.of("/lib", "/usr/lib");
    }
}
