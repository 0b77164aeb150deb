package org.innerkeep.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Explains in words why the digests of two bundles differ. */
public final class BundleDiff {
    private static final int CLASS_FILE_MAGIC = 0xcafebabe;

    private final List<String> lines = new ArrayList<>();

    private BundleDiff() {}

    /**
     * Compares two manifests.
     *
     * @param first one
     * @param second the other
     * @return what must change to make the second of the first, a line each; empty exactly when their digests are equal
     */
    public static List<String> explain(Manifest first, Manifest second) {
        BundleDiff diff = new BundleDiff();
        diff.settings(first, second);
        diff.files(first, second, Map.of());
        return List.copyOf(diff.lines);
    }

    /**
     * Compares two bundles, down to the entries of jars that changed and the components of a changed bill of materials. Both are
     * verified first; one that is not signed yet can be compared too. They are unpacked to a temporary folder,
     * which is removed again.
     *
     * @param first a bundle
     * @param second another
     * @param maxBytes the most bytes that the files of each may have together
     * @return what must change to make the second of the first, a line each; empty if digests and signers are equal
     * @throws BundleException if one of them is refused
     * @throws IOException if one cannot be read, or the temporary folder not written
     */
    public static List<String> explain(Path first, Path second, long maxBytes) throws IOException, BundleException {
        Path folder = Files.createTempDirectory("innerkeep-diff");
        try {
            BundleReader.Contents one = unpack(first, folder.resolve("first"), maxBytes);
            BundleReader.Contents other = unpack(second, folder.resolve("second"), maxBytes);
            BundleDiff diff = new BundleDiff();
            if (!signer(one).equals(signer(other))) {
                diff.lines.add("signer: " + signer(one) + " became " + signer(other) + " (no part of the digest)");
            }
            diff.settings(one.manifest(), other.manifest());
            diff.files(one.manifest(), other.manifest(), insideChanged(one.manifest(), other.manifest(), folder));
            return List.copyOf(diff.lines);
        } finally {
            remove(folder);
        }
    }

    private static String signer(BundleReader.Contents bundle) {
        return bundle.signed().map(signed -> signed.signer().id().toString()).orElse("nobody");
    }

    private static BundleReader.Contents unpack(Path bundle, Path folder, long maxBytes) throws IOException, BundleException {
        try (InputStream in = Files.newInputStream(bundle); Unpacking target = new Unpacking(folder)) {
            BundleReader.Contents contents = new BundleReader(in).readUnsignedToo(maxBytes, target);
            target.keep();
            return contents;
        }
    }

    /** {@return for each jar that is in both but differs, what its entries say; for the bill of materials its components} */
    private static Map<String, List<String>> insideChanged(Manifest first, Manifest second, Path folder) throws IOException {
        Map<String, List<String>> changed = new HashMap<>();
        SortedMap<String, BundleFile> after = keyed(second.files(), BundleFile::path);
        for (BundleFile file : first.files()) {
            BundleFile now = after.get(file.path());
            if (file.isJar() && now != null && !now.equals(file)) {
                BundleDiff diff = new BundleDiff();
                diff.jar(file.path(), folder.resolve("first").resolve(file.path()), folder.resolve("second").resolve(file.path()));
                changed.put(file.path(), diff.lines);
            } else if (file.path().equals(Bundle.SBOM) && now != null && !now.equals(file)) {
                changed.put(
                        file.path(),
                        SbomDiff.explain(folder.resolve("first").resolve(file.path()), folder.resolve("second").resolve(file.path())));
            }
        }
        return changed;
    }

    private void settings(Manifest first, Manifest second) {
        setting("name", Manifest::name, first, second);
        setting("product", Manifest::productId, first, second);
        setting("svn", Manifest::svn, first, second);
        setting("program", Manifest::program, first, second);
        setting("heap", manifest -> manifest.heapBytes() + " bytes", first, second);
        setting("threads", Manifest::threads, first, second);
        setting("debug", manifest -> manifest.debug() ? "yes" : "no", first, second);
        setting("secret heap", manifest -> manifest.secretHeap() ? "where there is one" : "no", first, second);
        setting("demands", manifest -> manifest.demands().isEmpty() ? "nothing" : String.join(", ", manifest.demands()), first, second);
        setting("java", Manifest::javaRelease, first, second);
        compare(
                keyed(first.javaModules(), Function.identity()),
                keyed(second.javaModules(), Function.identity()),
                name -> "java module " + name,
                (_, _) -> {});
        compare(
                keyed(first.interfaces(), BundleDiff::words),
                keyed(second.interfaces(), BundleDiff::words),
                Function.identity(),
                (before, _) -> lines.add(words(before) + ": changed, its methods or types differ"));
    }

    private void setting(String name, Function<Manifest, Object> of, Manifest first, Manifest second) {
        if (!of.apply(first).equals(of.apply(second))) {
            lines.add(name + ": " + of.apply(first) + " became " + of.apply(second));
        }
    }

    private static String words(OfferedInterface offered) {
        return "interface " + offered.name() + " for the " + offered.side();
    }

    private void files(Manifest first, Manifest second, Map<String, List<String>> inside) {
        SortedMap<String, BundleFile> before = keyed(first.files(), BundleFile::path);
        SortedMap<String, BundleFile> after = keyed(second.files(), BundleFile::path);
        // A renamed file is told as such rather than as one removed and one added.
        Map<Digest, String> removed = new HashMap<>();
        before.forEach((path, file) -> {
            if (!after.containsKey(path)) {
                removed.put(file.digest(), path);
            }
        });
        for (BundleFile file : second.files()) {
            String oldPath = before.containsKey(file.path()) ? null : removed.remove(file.digest());
            if (oldPath != null) {
                lines.add(oldPath + ": renamed to " + file.path() + ", same content");
                before.remove(oldPath);
                after.remove(file.path());
            }
        }
        compare(before, after, Function.identity(), (old, now) -> {
            lines.add(old.path() + ": changed, " + old.sizeBytes() + " bytes became " + now.sizeBytes() + " bytes, digest "
                    + old.digest().shortHex() + " became " + now.digest().shortHex());
            inside.getOrDefault(old.path(), List.of()).forEach(line -> lines.add("  " + line));
        });
    }

    /** Says what was added and removed, and hands on what has another value, all in the order of the keys. */
    private <T> void compare(
            SortedMap<String, T> before, SortedMap<String, T> after, Function<String, String> words, BiConsumer<T, T> onChanged) {
        SortedSet<String> keys = new TreeSet<>(before.keySet());
        keys.addAll(after.keySet());
        for (String key : keys) {
            T old = before.get(key);
            T now = after.get(key);
            if (old == null) {
                lines.add(words.apply(key) + ": added");
            } else if (now == null) {
                lines.add(words.apply(key) + ": removed");
            } else if (!old.equals(now)) {
                onChanged.accept(old, now);
            }
        }
    }

    private static <T> SortedMap<String, T> keyed(List<T> list, Function<T, String> key) {
        return list.stream().collect(Collectors.toMap(key, Function.identity(), (a, _) -> a, TreeMap::new));
    }

    /** What an entry holds; of a class also the version of its format, since another compiler is a frequent cause. */
    private record Content(String entry, Digest digest, int classVersion) {}

    private void jar(String path, Path first, Path second) throws IOException {
        SortedMap<String, Content> before;
        SortedMap<String, Content> after;
        try {
            before = contents(path, first);
            after = contents(path, second);
        } catch (BundleException | ZipException e) {
            lines.add("its entries cannot be compared: " + e.getMessage());
            return;
        }
        compare(before, after, BundleDiff::describe, (old, now) -> lines.add(describe(old.entry()) + ": changed"
                + (old.classVersion() == now.classVersion()
                        ? ""
                        : ", class file version " + old.classVersion() + " became " + now.classVersion())));
        if (lines.isEmpty()) {
            lines.add("same entries with the same content; only their order, times or compression differ."
                    + " Have it built reproducibly (Maven: project.build.outputTimestamp)");
        }
    }

    private static SortedMap<String, Content> contents(String path, Path file) throws IOException, BundleException {
        SortedMap<String, Content> contents = new TreeMap<>();
        try (Jar jar = Jar.open(file, path)) {
            for (String entry : jar.entries()) {
                try (DigestInputStream in = new DigestInputStream(jar.read(entry), Digest.newSha256())) {
                    byte[] head = in.readNBytes(NativeCode.HEAD_BYTES);
                    in.transferTo(OutputStream.nullOutputStream());
                    contents.put(entry, new Content(entry, Digest.finish(in.getMessageDigest()), classVersion(head)));
                }
            }
        }
        return contents;
    }

    private static String describe(String entry) {
        if (entry.endsWith(".class")) {
            // Hostile names are possible: the bundle may be anybody's.
            return "class " + Text.plain(entry.substring(0, entry.length() - ".class".length()).replace('/', '.'));
        }
        return (entry.endsWith("/") ? "folder " : "resource ") + Text.plain(entry);
    }

    private static int classVersion(byte[] head) {
        boolean isClass = head.length == NativeCode.HEAD_BYTES && NativeCode.int32(head, 0) == CLASS_FILE_MAGIC;
        return isClass ? NativeCode.int32(head, 4) & 0xffff : 0;
    }

    private static void remove(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                    throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
