package org.innerkeep.bundle;

/**
 * A file of a bundle.
 *
 * @param path {@code lib/NAME.jar}; or {@code native/PLATFORM/NAME} with a platform like {@code linux-x86_64}; or {@code meta/NAME}, of
 *     which nothing runs. At most 128 letters, digits and {@code . _ + -} besides the slashes
 * @param sizeBytes its size, 0 to 2^40; of one under {@code meta/} at most 2^24
 * @param digest SHA-256 of its bytes
 */
public record BundleFile(String path, long sizeBytes, Digest digest) {
    /** The longest path. */
    public static final int MAX_PATH_LENGTH = 128;

    /** The largest file. */
    public static final long MAX_SIZE_BYTES = 1L << 40;

    /** The largest file under {@code meta/}: readers keep it in memory. */
    public static final long MAX_META_BYTES = 1L << 24;

    /**
     * Checks the path and the size.
     *
     * @throws IllegalArgumentException if one is not as described
     */
    public BundleFile {
        if (path.length() > MAX_PATH_LENGTH || !(isJar(path) || isNative(path) || isMeta(path))) {
            throw new IllegalArgumentException(
                    "file path: expected lib/NAME.jar, native/PLATFORM/NAME with the ending of a native library or meta/NAME, found "
                            + Text.quote(path));
        }
        long most = isMeta(path) ? MAX_META_BYTES : MAX_SIZE_BYTES;
        if (sizeBytes < 0 || sizeBytes > most) {
            throw new IllegalArgumentException("file " + path + ": expected a size of 0 to " + most + " bytes, found " + sizeBytes);
        }
    }

    /** {@return whether this is a jar of the class path, rather than a native library} */
    public boolean isJar() {
        return isJar(path);
    }

    private static boolean isJar(String path) {
        return path.startsWith("lib/")
                && path.endsWith(".jar")
                && path.length() > "lib/.jar".length()
                && Text.isFileName(path.substring("lib/".length()));
    }

    /** Neither code nor native code by its name, so that nobody takes it for either. */
    private static boolean isMeta(String path) {
        String name = path.startsWith("meta/") ? path.substring("meta/".length()) : "";
        return Text.isFileName(name) && !name.endsWith(".jar") && !NativeCode.hasNativeName(name);
    }

    private static boolean isNative(String path) {
        String[] parts = path.split("/", -1);
        return parts.length == 3
                && parts[0].equals("native")
                && NativeCode.isPlatform(parts[1])
                && Text.isFileName(parts[2])
                && NativeCode.hasNativeName(parts[2]);
    }
}
