package org.innerkeep.cli.tcb;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.innerkeep.bundle.Digest;
import org.innerkeep.bundle.OfferedInterface;
import org.innerkeep.bundle.Packer;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;

/** A small enclave program, compiled from its text and packed. */
final class CompiledProgram {
    private final Path folder;
    private final Map<String, String> libraries = new TreeMap<>();
    private final Map<String, String> services = new TreeMap<>();
    private final List<String> hostInterfaces = new ArrayList<>();
    private String program = "";

    CompiledProgram(Path folder) {
        this.folder = folder;
    }

    /** The body of the file that the program is in; its class is {@code p.Program}. */
    CompiledProgram program(String text) {
        program = text;
        return this;
    }

    /** A jar of its own, with one file of package {@code l}. */
    CompiledProgram library(String name, String text) {
        libraries.put(name, text);
        return this;
    }

    /** An interface that the program offers to the host, beside the one for clients. */
    CompiledProgram offeringToHost(String name) {
        hostInterfaces.add(name);
        return this;
    }

    /** What a library says that it provides. */
    CompiledProgram providing(String library, String service, String provider) {
        services.put(library, service + "=" + provider);
        return this;
    }

    Path pack() throws Exception {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Path sources = Files.createDirectories(folder.resolve("sources"));
        List<String> files = new ArrayList<>();
        for (Map.Entry<String, String> library : libraries.entrySet()) {
            files.add(Files.writeString(sources.resolve(library.getKey() + ".java"), "package l;\n" + library.getValue()).toString());
        }
        files.add(Files.writeString(sources.resolve("Program.java"),
                "package p;\nimport org.innerkeep.enclave.*;\n" + (libraries.isEmpty() ? "" : "import l.*;\n") + program).toString());
        compile(files, classes);

        Packer.Builder packer = Packer.builder("small", "p.Program").product(1).svn(1).heapBytes(32 << 20).threads(2)
                .jar(jar("program", classes.resolve("p"), ""));
        for (String library : libraries.keySet()) {
            Path own = Files.createDirectories(folder.resolve("own-" + library).resolve("l"));
            try (Stream<Path> all = Files.list(classes.resolve("l"))) {
                for (Path each : all.toList()) {
                    String name = each.getFileName().toString();
                    if (name.equals(library + ".class") || name.startsWith(library + "$")) {
                        Files.copy(each, own.resolve(name));
                    }
                }
            }
            packer.jar(jar(library, own, services.getOrDefault(library, "")));
        }
        hostInterfaces.forEach(each -> packer.offers(OfferedInterface.Side.HOST, each, Digest.sha256(new byte[0])));
        packer.offers(OfferedInterface.Side.CLIENT, "p.Offered", Digest.sha256(new byte[0]));
        Path bundle = folder.resolve("small.enclave");
        packer.build().write(bundle, SigningKey.generate(SignerKey.Algorithm.ED25519));
        return bundle;
    }

    private static void compile(List<String> files, Path into) {
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (var manager = javac.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            boolean done = javac.getTask(said, manager, null,
                    List.of("-d", into.toString(), "-proc:none", "-cp", System.getProperty("java.class.path"), "--release", "25"),
                    null, manager.getJavaFileObjectsFromStrings(files)).call();
            if (!done) {
                throw new IllegalArgumentException(said.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path jar(String name, Path classes, String service) throws IOException {
        Path jar = folder.resolve(name + ".jar");
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> all = Files.list(classes)) {
            for (Path each : all.sorted().toList()) {
                zip.putNextEntry(new ZipEntry(classes.getFileName() + "/" + each.getFileName()));
                zip.write(Files.readAllBytes(each));
            }
            if (!service.isEmpty()) {
                zip.putNextEntry(new ZipEntry("META-INF/services/" + service.substring(0, service.indexOf('='))));
                zip.write((service.substring(service.indexOf('=') + 1) + " # the only one\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar;
    }
}
