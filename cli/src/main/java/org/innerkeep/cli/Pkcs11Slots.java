package org.innerkeep.cli;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds a PKCS#11 token by its label, which SunPKCS11 cannot: it knows slots by number only, and numbers change.
 *
 * <p>Safety of the foreign calls: the library is the user's own and has this process's rights anyhow. Of what it returns only
 * counts, slot numbers and one fixed-size structure are read, from memory of this class that is larger than the library is told.
 * Everything is freed with the arena; the library is finalized before SunPKCS11 initializes it anew.
 */
final class Pkcs11Slots {
    // PKCS #11 v2.40: CK_FUNCTION_LIST begins with a CK_VERSION, padded to a pointer, then the functions in the order of the standard.
    private static final int INITIALIZE = 1;
    private static final int FINALIZE = 2;
    private static final int GET_SLOT_LIST = 5;
    private static final int GET_TOKEN_INFO = 7;
    private static final int FUNCTIONS = 8;

    private static final int MAX_SLOTS = 1024;
    private static final int LABEL_BYTES = 32;
    /** CK_TOKEN_INFO has 208 bytes on 64-bit Linux; the rest is room that nobody is told of. */
    private static final int TOKEN_INFO_BYTES = 512;

    private final MemorySegment functions;
    private final Arena arena;

    private Pkcs11Slots(MemorySegment functions, Arena arena) {
        this.functions = functions;
        this.arena = arena;
    }

    /** {@return a configuration of SunPKCS11 for the one token of this label} */
    static String configuration(Path library, String label) throws IOException {
        if (!Files.isRegularFile(library)) {
            throw new IOException(library + ": no such file; --pkcs11-library is the token's PKCS#11 library");
        }
        if (library.toString().chars().anyMatch(c -> c < ' ' || c == '"')) {
            throw new IOException("--pkcs11-library: expected a path without quotes and control characters");
        }
        return "--name = innerkeep\nlibrary = \"" + library.toAbsolutePath() + "\"\nslot = " + find(library, label) + "\n";
    }

    private static long find(Path library, String label) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup symbols = SymbolLookup.libraryLookup(library.toAbsolutePath(), arena);
            MethodHandle getFunctionList = Linker.nativeLinker().downcallHandle(
                    symbols.find("C_GetFunctionList").orElseThrow(() -> new IOException(library + ": no PKCS#11 library")),
                    FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
            MemorySegment list = arena.allocate(ValueLayout.ADDRESS);
            check("C_GetFunctionList", (long) getFunctionList.invokeExact(list));
            Pkcs11Slots slots = new Pkcs11Slots(
                    list.get(ValueLayout.ADDRESS, 0).reinterpret((1L + FUNCTIONS) * ValueLayout.ADDRESS.byteSize()), arena);
            return slots.find(label);
        } catch (IOException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IOException(library + ": " + e.getMessage(), e);
        }
    }

    private long find(String label) throws Throwable {
        check("C_Initialize", (long) function(INITIALIZE, ValueLayout.ADDRESS).invokeExact(MemorySegment.NULL));
        try {
            List<String> seen = new ArrayList<>();
            List<Long> found = new ArrayList<>();
            MethodHandle tokenInfo = function(GET_TOKEN_INFO, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
            for (long slot : slots()) {
                MemorySegment info = arena.allocate(TOKEN_INFO_BYTES, Long.BYTES);
                // A slot whose token is not initialized has no label.
                if ((long) tokenInfo.invokeExact(slot, info) == 0) {
                    byte[] padded = info.asSlice(0, LABEL_BYTES).toArray(ValueLayout.JAVA_BYTE);
                    String name = new String(padded, StandardCharsets.UTF_8).stripTrailing();
                    seen.add("'" + name.replaceAll("\\p{Cntrl}", "?") + "'");
                    if (name.equals(label)) {
                        found.add(slot);
                    }
                }
            }
            if (found.size() != 1) {
                throw new IOException("--token: expected one token labelled '" + label + "', found " + found.size() + " among "
                        + String.join(", ", seen));
            }
            return found.getFirst();
        } finally {
            check("C_Finalize", (long) function(FINALIZE, ValueLayout.ADDRESS).invokeExact(MemorySegment.NULL));
        }
    }

    private long[] slots() throws Throwable {
        MethodHandle slotList = function(GET_SLOT_LIST, ValueLayout.JAVA_BYTE, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
        MemorySegment list = arena.allocate(ValueLayout.JAVA_LONG, MAX_SLOTS);
        count.set(ValueLayout.JAVA_LONG, 0, MAX_SLOTS);
        check("C_GetSlotList", (long) slotList.invokeExact((byte) 1, list, count));
        long slots = count.get(ValueLayout.JAVA_LONG, 0);
        if (slots < 0 || slots > MAX_SLOTS) {
            throw new IOException("PKCS#11: expected at most " + MAX_SLOTS + " slots, found " + slots);
        }
        return list.asSlice(0, slots * Long.BYTES).toArray(ValueLayout.JAVA_LONG);
    }

    private MethodHandle function(int index, java.lang.foreign.MemoryLayout... arguments) {
        MemorySegment address = functions.getAtIndex(ValueLayout.ADDRESS, index);
        return Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_LONG, arguments));
    }

    private static void check(String function, long result) throws IOException {
        if (result != 0) {
            throw new IOException("PKCS#11: " + function + " failed with code 0x" + Long.toHexString(result));
        }
    }
}
