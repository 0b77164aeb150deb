package org.innerkeep.cli.tcb;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveStore;
import org.innerkeep.enclave.SealedLog;
import org.innerkeep.enclave.Vault;

/** What code does that matters to whoever has to trust it, by the method of Innerkeep or of the JDK that it calls. */
enum Door {
    FROM_HOST("takes values from the host, which are hostile", Side.IN, of(EnclaveContext.class, "host")),
    FROM_FILES("opens sealed files and values", Side.IN, of(EnclaveContext.class, "vault", "unseal"), of(Vault.class, "open"),
            of(EnclaveStore.class, "get")),
    FROM_SERVER("has a server of its own, which ordinary clients reach", Side.IN, of(EnclaveContext.class, "offerServer")),
    TO_SERVER("answers ordinary clients by a server of its own", Side.OUT, of(EnclaveContext.class, "offerServer")),
    TO_HOST("says something to the host in the clear", Side.OUT, of(EnclaveContext.class, "counter", "host")),
    TO_READERS("seals something to somebody outside", Side.OUT, of(EnclaveContext.class, "log"), of(SealedLog.class)),
    TO_STORAGE("seals something to itself, which the host keeps", Side.OUT, of(EnclaveContext.class, "seal"),
            of(EnclaveStore.class, "put")),
    VOUCHES("signs by the platform's evidence", Side.OUT, of(EnclaveContext.class, "attest", "sign")),
    NETWORK("uses the network, of which an enclave has its own loopback address at most", Side.INSIDE,
            of("java.net.Socket", "<init>", "connect"), of("java.net.ServerSocket", "<init>"), of("java.net.DatagramSocket", "<init>"),
            of("java.net.URL", "openConnection", "openStream"), of("java.net.http.HttpClient", "send", "sendAsync"),
            of("java.nio.channels.SocketChannel", "open"), of("java.nio.channels.ServerSocketChannel", "open"),
            of("java.nio.channels.DatagramChannel", "open"), of("java.nio.channels.AsynchronousSocketChannel", "open")),
    FILES("uses files, of which an enclave has its own code only", Side.INSIDE,
            of("java.io.FileInputStream", "<init>"), of("java.io.FileOutputStream", "<init>"), of("java.io.FileReader", "<init>"),
            of("java.io.FileWriter", "<init>"), of("java.io.RandomAccessFile", "<init>"), of("java.nio.file.Files"),
            of("java.nio.channels.FileChannel", "open")),
    PROCESSES("starts processes, which an enclave may not", Side.INSIDE, of("java.lang.ProcessBuilder", "start"),
            of("java.lang.Runtime", "exec")),
    NATIVE("loads native code, or reads and writes memory by address", Side.INSIDE, of("java.lang.System", "load", "loadLibrary"),
            of("java.lang.Runtime", "load", "loadLibrary"), of("sun.misc.Unsafe"), of("java.lang.foreign.Linker", "downcallHandle"),
            of("java.lang.foreign.MemorySegment", "reinterpret")),
    BY_NAME("finds code by name: what it reaches is not counted here", Side.INSIDE, of("java.lang.Class", "forName", "getMethod",
            "getDeclaredMethod", "getConstructor", "getDeclaredConstructor"), of("java.lang.ClassLoader", "loadClass"),
            of("java.util.ServiceLoader", "load"), of("java.lang.reflect.Method", "invoke"),
            of("java.lang.invoke.MethodHandles$Lookup", "findVirtual", "findStatic", "findConstructor", "findSpecial")),
    DESERIALIZES("makes objects of classes that the bytes name", Side.INSIDE, of("java.io.ObjectInputStream", "readObject",
            "readUnshared"), of("java.beans.XMLDecoder", "readObject"));

    /** Where a door leads. */
    enum Side {
        /** Untrusted input enters. */
        IN,
        /** Data may leave. */
        OUT,
        /** Worth knowing of the code itself. */
        INSIDE
    }

    /**
     * Methods of a class.
     *
     * @param type the class
     * @param methods their names; none means all
     */
    private record Methods(String type, Set<String> methods) {
        boolean include(Call call) {
            return call.owner().equals(type)
                    && (methods.isEmpty() || methods.contains(call.target().name()));
        }
    }

    private final String says;
    private final Side side;
    @SuppressWarnings("ImmutableEnumChecker") // Nobody can change what List.of gives.
    private final List<Methods> methods;

    Door(String says, Side side, Methods... methods) {
        this.says = says;
        this.side = side;
        this.methods = List.of(methods);
    }

    private static Methods of(Class<?> type, String... names) {
        return of(type.getName(), names);
    }

    private static Methods of(String type, String... names) {
        return new Methods(type, Set.of(names));
    }

    String says() {
        return says;
    }

    Side side() {
        return side;
    }

    static Optional<Door> of(Side side, Call call) {
        return Arrays.stream(values())
                .filter(door -> door.side == side && door.methods.stream().anyMatch(each -> each.include(call)))
                .findFirst();
    }
}
