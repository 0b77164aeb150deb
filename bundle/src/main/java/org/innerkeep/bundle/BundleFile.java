package org.innerkeep.bundle;

/**
 * A file of a bundle.
 *
 * @param path {@code lib/NAME.jar} or {@code native/PLATFORM/NAME} with a platform like {@code linux-x86_64}; at most 128 letters,
 *     digits and {@code . _ + -} besides the slashes
 * @param sizeBytes its size, 0 to 2^40
 * @param digest SHA-256 of its bytes
 */
public record BundleFile(String path, long sizeBytes, Digest digest) {
    /** The longest path. */
    public static final int MAX_PATH_LENGTH = 128;

    /** The largest file. */
    public static final long MAX_SIZE_BYTES = 1L << 40;

    /**
     * Checks the path and the size.
     *
     * @throws IllegalArgumentException if one is not as described
     */
    public BundleFile {
        if (path.length() > MAX_PATH_LENGTH || !(isJar(path) || isNative(path))) {
            throw new IllegalArgumentException(
                    "file path: expected lib/NAME.jar or native/PLATFORM/NAME with the ending of a native library, found "
                            + Text.quote(path));
        }
        if (sizeBytes < 0 || sizeBytes > MAX_SIZE_BYTES) {
            throw new IllegalArgumentException(
                    "file " + path + ": expected a size of 0 to " + MAX_SIZE_BYTES + " bytes, found " + sizeBytes);
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

    private static boolean isNative(String path) {
        String[] parts = path.split("/", -1);
        return parts.length == 3
                && parts[0].equals("native")
                && NativeCode.isPlatform(parts[1])
                && Text.isFileName(parts[2])
                && NativeCode.hasNativeName(parts[2]);
    }
}
