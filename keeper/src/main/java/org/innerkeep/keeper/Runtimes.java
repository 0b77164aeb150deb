package org.innerkeep.keeper;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.innerkeep.evidence.Bytes;

/**
 * Java runtimes for enclaves: images linked by {@code jlink} from the JDK that runs the keeper, with just the modules that a
 * bundle names and without what no enclave needs (certificate authorities, which differ from machine to machine,
 * process spawning helper, tools, licences). The same JDK build and modules give the same files everywhere, so a relying
 * party can compute the digest on its own machine.
 *
 * <p>Images are made once and kept; they are measured anew for every launch. Safe for use by several threads.
 */
public final class Runtimes {
    private static final List<String> LEFT_OUT = List.of(
            "legal", "lib/security/cacerts", "lib/jspawnhelper", "lib/jexec", "lib/jrt-fs.jar", "lib/classlist", "conf/sdp");

    private static final int MAX_MESSAGE_BYTES = 1 << 16;
    private static final int MAX_IMAGES = 32;

    /** Linking takes some seconds; one that takes this long will not end, and others wait for it. */
    private static final Duration LINK_LIMIT = Duration.ofMinutes(3);

    private final Path folder;
    private final Path jlink;
    private final Duration linkLimit;
    private final ReentrantLock linking = new ReentrantLock();

    /**
     * Keeps images in a folder.
     *
     * @param folder where only the keeper can write; made if it is absent
     * @throws IOException if it cannot be made
     */
    public Runtimes(Path folder) throws IOException {
        this(folder, Path.of(System.getProperty("java.home"), "bin", "jlink"), LINK_LIMIT);
    }

    Runtimes(Path folder, Path jlink, Duration linkLimit) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.jlink = jlink;
        this.linkLimit = linkLimit;
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /**
     * The image with these modules, linked first where there is none yet.
     *
     * @param modules names of JDK modules
     * @return the image's folder
     * @throws IOException if the JDK has no such module or the image cannot be made
     */
    public Path obtain(List<String> modules) throws IOException {
        String names = String.join(",", modules);
        String key = Bytes.sha256((Runtime.version() + " " + names).getBytes(StandardCharsets.UTF_8))
                .hex()
                .substring(0, 16);
        Path image = folder.resolve(key);
        linking.lock();
        try {
            if (!Files.isDirectory(image, LinkOption.NOFOLLOW_LINKS)) {
                requireRoom();
                link(names, modules, image);
            }
        } finally {
            linking.unlock();
        }
        return image;
    }

    /** Every signed bundle may name other modules; the disk is not theirs to fill. */
    private void requireRoom() throws IOException {
        try (var images = Files.list(folder)) {
            if (images.count() >= MAX_IMAGES) {
                throw new IOException(folder + " holds " + MAX_IMAGES
                        + " runtimes already: delete those that no bundle needs, or have bundles name the same modules");
            }
        }
    }

    private void link(String names, List<String> modules, Path image) throws IOException {
        for (String module : modules) {
            if (ModuleFinder.ofSystem().find(module).isEmpty()) {
                throw new IOException("this JDK (" + Runtime.version() + ") has no module " + module);
            }
        }
        if (!Files.isExecutable(jlink)) {
            throw new IOException("the Java that runs the keeper has no jlink (" + jlink + "): run it with a full JDK");
        }
        Path beside = folder.resolve(image.getFileName() + ".new");
        Trees.delete(beside);
        // In a process of its own with an empty environment: some of what jlink generates depends on the state and the flags
        // of the JVM that it runs in, and the image must not.
        ProcessBuilder builder = new ProcessBuilder(
                jlink.toString(),
                "--add-modules", names,
                "--output", beside.toString(),
                "--strip-debug", "--no-header-files", "--no-man-pages");
        builder.environment().clear();
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        AtomicBoolean late = new AtomicBoolean();
        CompletableFuture<Void> limit = CompletableFuture.runAsync(
                () -> {
                    late.set(true);
                    process.destroyForcibly();
                },
                CompletableFuture.delayedExecutor(linkLimit.toMillis(), TimeUnit.MILLISECONDS));
        String messages = new String(process.getInputStream().readNBytes(MAX_MESSAGE_BYTES), StandardCharsets.UTF_8);
        int exit;
        try {
            exit = process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a runtime was linked", e);
        }
        if (exit != 0) {
            Trees.delete(beside);
            throw new IOException("jlink could not make a runtime with " + names + ": "
                    + (late.get() ? "it did not end within " + linkLimit.toSeconds() + " s" : messages.strip()));
        }
        limit.cancel(false);
        for (String unneeded : LEFT_OUT) {
            Trees.delete(beside.resolve(unneeded));
        }
        try (var tools = Files.list(beside.resolve("bin"))) {
            for (Path tool : tools.toList()) {
                if (!tool.endsWith("java")) {
                    Files.delete(tool);
                }
            }
        }
        Trees.forEachFile(beside, file -> Files.setPosixFilePermissions(
                file,
                PosixFilePermissions.fromString(
                        file.endsWith("bin/java") || file.toString().endsWith(".so") ? "r-xr-xr-x" : "r--r--r--")));
        // Whatever the umask: enclaves of other users read it, nobody but the keeper writes in it.
        Trees.forEachFolder(beside, each -> Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.move(beside, image, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Measures an image: SHA-256 over one line {@code digest size path} for each file, sorted by path.
     *
     * @param image the image's folder
     * @return 32 bytes
     * @throws IOException if a file cannot be read, or is neither a regular file nor a folder
     */
    public static Bytes measure(Path image) throws IOException {
        SortedMap<String, Path> files = new TreeMap<>();
        Files.walkFileTree(image, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!attributes.isRegularFile()) {
                    throw new IOException(file + " is not a regular file; a runtime image holds only those");
                }
                files.put(image.relativize(file).toString(), file);
                return FileVisitResult.CONTINUE;
            }
        });
        StringBuilder lines = new StringBuilder();
        byte[] buffer = new byte[1 << 16];
        for (var file : files.entrySet()) {
            MessageDigest digest = sha256();
            long size = 0;
            try (InputStream in = Files.newInputStream(file.getValue(), LinkOption.NOFOLLOW_LINKS)) {
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    digest.update(buffer, 0, count);
                    size += count;
                }
            }
            lines.append(HexFormat.of().formatHex(digest.digest()))
                    .append(' ')
                    .append(size)
                    .append(' ')
                    .append(file.getKey())
                    .append('\n');
        }
        return Bytes.sha256(lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform provides SHA-256", e);
        }
    }
}
