package org.innerkeep.keeper;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A thread of a test that is root, which deals with files as another user does: Linux knows users by thread. */
final class OtherUser {
    private static final int CAPABILITIES_VERSION_3 = 0x20080522;

    @FunctionalInterface
    interface Action {
        void run() throws Exception;
    }

    private OtherUser() {}

    /**
     * Runs something.
     *
     * @param uid as whom, as far as files are concerned
     * @param capability the only one that is kept
     */
    static void run(int uid, int capability, Action action) throws Exception {
        MethodHandle setfsuid = handle("setfsuid", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        MethodHandle capset =
                handle("capset", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            try (Arena arena = Arena.ofConfined()) {
                int _ = (int) setfsuid.invokeExact(uid);
                int mask = 1 << capability;
                MemorySegment header = arena.allocateFrom(ValueLayout.JAVA_INT, CAPABILITIES_VERSION_3, 0);
                MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_INT, mask, mask, 0, 0, 0, 0);
                if ((int) capset.invokeExact(header, data) != 0) {
                    throw new IOException("capabilities cannot be given up");
                }
                action.run();
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        done.get(30, TimeUnit.SECONDS);
    }

    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }
}
