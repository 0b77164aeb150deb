package org.innerkeep.bundle;

import java.util.Locale;

/** Tells native code apart from what the JVM interprets itself. */
final class NativeCode {
    /** How many first bytes {@link #hasNativeContent} looks at. */
    static final int HEAD_BYTES = 8;

    private static final int ELF = 0x7f454c46;
    private static final int MACH_O_64 = 0xcffaedfe;
    private static final int MACH_O_32 = 0xcefaedfe;
    private static final int MACH_O_FAT = 0xcafebabe;

    private NativeCode() {}

    /** {@return whether this names a platform, operating system and processor, like {@code linux-x86_64}} */
    static boolean isPlatform(String name) {
        int hyphen = name.indexOf('-');
        return hyphen > 0
                && hyphen < name.length() - 1
                && name.length() <= 32
                && name.substring(0, hyphen).chars().allMatch(c -> c >= 'a' && c <= 'z')
                && name.substring(hyphen + 1).chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
    }

    static boolean hasNativeName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        // Versioned names too: libgomp.so.1
        String unversioned = lower.replaceFirst("\\.so[.0-9]+$", ".so");
        return unversioned.endsWith(".so") || lower.endsWith(".dll") || lower.endsWith(".dylib") || lower.endsWith(".jnilib");
    }

    /**
     * Looks for native code under another name.
     *
     * @param head the first {@link #HEAD_BYTES} bytes, fewer if there are no more
     */
    static boolean hasNativeContent(byte[] head) {
        if (head.length < HEAD_BYTES) {
            return false;
        }
        return switch (int32(head, 0)) {
            case ELF, MACH_O_64, MACH_O_32 -> true;
            // A class file starts alike. Its next field is a version, 45 or more; here it is a small number of processors.
            case MACH_O_FAT -> int32(head, 4) > 0 && int32(head, 4) < 45;
            default -> false;
        };
    }

    static int int32(byte[] bytes, int at) {
        return bytes[at] << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | (bytes[at + 3] & 0xff);
    }
}
