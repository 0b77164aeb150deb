package org.innerkeep.keeper;

import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.innerkeep.bundle.Packer;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.evidence.Bytes;
import org.jspecify.annotations.Nullable;

/** Signed bundles, packed as a developer would. */
final class Bundles {
    static final SigningKey SIGNER = SigningKey.generate(SignerKey.Algorithm.P256);

    /** A class cut short behind its version. */
    static final String BROKEN = "com.acme.Broken";

    /** A class that is no enclave's program. */
    static final String OTHER = "com.acme.Other";

    private static final String MAIN = "org/innerkeep/enclave/internal/EnclaveMain.class";

    /** A program that starts and waits. */
    public static final class Idle implements EnclaveProgram {
        @Override
        public void start(EnclaveContext enclave) {}
    }

    /** A program with a text on its heap that it made itself, so that the text is nowhere in its code. */
    public static final class Canaries implements EnclaveProgram {
        private static final int COUNT = 400;
        private static final List<byte[]> HELD = new ArrayList<>();

        /** The bytes that are on the heap. */
        static byte[] canary() {
            byte[] canary = new byte[48];
            for (int i = 0; i < canary.length; i++) {
                canary[i] = (byte) (0x9d ^ i * 101 ^ i >> 2);
            }
            return canary;
        }

        @Override
        public void start(EnclaveContext enclave) {
            for (int i = 0; i < COUNT; i++) {
                HELD.add(canary());
            }
            // So that they are moved, as all that is kept for long is.
            System.gc();
        }
    }

    private Bundles() {}

    /** The real runtime and a program that does nothing. */
    static byte[] idle(Path folder) throws Exception {
        return real(folder, Idle.class.getName(), settings -> settings);
    }

    /** The real runtime and a named program: {@link Idle}, {@link Canaries}, {@value #BROKEN}, or {@value #OTHER}. */
    static byte[] real(Path folder, String program, UnaryOperator<Packer.Builder> settings) throws Exception {
        return real(folder, program, settings, List.of());
    }

    /** The same with further classes of the tests. */
    static byte[] real(
            Path folder, String program, UnaryOperator<Packer.Builder> settings, List<Class<?>> more) throws Exception {
        Map<String, byte[]> classes = new TreeMap<>();
        for (Class<?> each : new Class<?>[] {EnclaveProgram.class, CallPeer.class, Bytes.class}) {
            classes.putAll(moduleOf(each));
        }
        for (Class<?> each : new Class<?>[] {Idle.class, Canaries.class}) {
            String name = each.getName().replace('.', '/') + ".class";
            classes.put(name, read(each.getResourceAsStream("/" + name)));
        }
        classes.putAll(alone(more));
        classes.put("com/acme/Broken.class", HexFormat.of().parseHex("cafebabe00000045"));
        return pack(folder, program, classes, settings);
    }

    /** A bundle whose own class stands where the runtime's would: a developer can pack anything. */
    static byte[] withMain(Path folder, Consumer<CodeBuilder> body) throws Exception {
        return withMain(folder, body, List.of());
    }

    /** The same with further classes, and the runtime's but its main. */
    static byte[] withMain(Path folder, Consumer<CodeBuilder> body, List<Class<?>> more) throws Exception {
        byte[] main = ClassFile.of()
                .build(ClassDesc.of("org.innerkeep.enclave.internal.EnclaveMain"), type -> type.withMethodBody(
                        "main",
                        MethodTypeDesc.of(CD_void, CD_String.arrayType()),
                        ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                        code -> {
                            body.accept(code);
                            code.return_();
                        }));
        Map<String, byte[]> classes = new TreeMap<>(alone(more));
        if (!more.isEmpty()) {
            classes.putAll(moduleOf(EnclaveProgram.class));
            classes.putAll(moduleOf(CallPeer.class));
        }
        classes.put(MAIN, main);
        return pack(folder, OTHER, classes, settings -> settings);
    }

    private static Map<String, byte[]> alone(List<Class<?>> types) throws IOException {
        Map<String, byte[]> classes = new TreeMap<>();
        for (Class<?> each : types) {
            String name = each.getName().replace('.', '/') + ".class";
            classes.put(name, read(each.getResourceAsStream("/" + name)));
        }
        return classes;
    }

    /** Ends the process at once. */
    static void exit(CodeBuilder code, int status) {
        code.loadConstant(status).invokestatic(ClassDesc.of("java.lang.System"), "exit", MethodTypeDesc.of(CD_void, CD_int));
    }

    /** Never connects to its keeper. */
    static void hang(CodeBuilder code) {
        code.loadConstant(600_000L)
                .invokestatic(ClassDesc.of("java.lang.Thread"), "sleep", MethodTypeDesc.of(CD_void, CD_long));
    }

    /** A bundle that has no class of the runtime. */
    static byte[] withoutRuntime(Path folder) throws Exception {
        return pack(folder, OTHER, Map.of(), settings -> settings);
    }

    static byte[] pack(
            Path folder, String program, Map<String, byte[]> entries, UnaryOperator<Packer.Builder> settings)
            throws Exception {
        Path jar = folder.resolve("app.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            Map<String, byte[]> all = new TreeMap<>(entries);
            all.put("com/acme/Other.class", ClassFile.of().build(ClassDesc.of(OTHER), type -> {}));
            for (var entry : all.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
        Packer packer = settings.apply(Packer.builder("test", program).product(7).svn(3).heapBytes(32L << 20).jar(jar))
                .build();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        packer.write(out, SIGNER.publicKey(), SIGNER.sign(packer.toBeSigned()));
        Files.delete(jar);
        return out.toByteArray();
    }

    private static byte[] read(@Nullable InputStream in) throws IOException {
        try (InputStream present = Objects.requireNonNull(in)) {
            return present.readAllBytes();
        }
    }

    /** All classes beside this one, from a jar or from a folder. */
    private static Map<String, byte[]> moduleOf(Class<?> type) throws Exception {
        Path place = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        Map<String, byte[]> classes = new TreeMap<>();
        if (Files.isDirectory(place)) {
            addAll(place, classes);
        } else {
            try (var jar = FileSystems.newFileSystem(place)) {
                addAll(jar.getPath("/"), classes);
            }
        }
        return classes;
    }

    private static void addAll(Path root, Map<String, byte[]> classes) throws IOException {
        try (var all = Files.walk(root)) {
            for (Path file : all.filter(path -> path.toString().endsWith(".class")).toList()) {
                classes.put(root.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
    }
}
