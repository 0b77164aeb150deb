package org.innerkeep.keeper;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.innerkeep.channel.call.HostVisible;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;

/** An enclave's program that tries to get out, one way after the other, as a test asks. */
public final class Hostile implements EnclaveProgram {
    private static final long MEGABYTE = 1 << 20;

    /** What the test asks for. */
    @HostVisible
    public interface Attacks {
        /** Tries one way. The answer begins with {@code done} if it worked and with {@code refused} if not. */
        String attempt(String way, String argument);
    }

    @Override
    public void start(EnclaveContext enclave) {
        enclave.offerToHost(Attacks.class, Hostile::attempt);
    }

    static String attempt(String way, String argument) {
        try {
            return "done: " + tried(way, argument);
        } catch (Throwable e) {
            return "refused: " + e;
        }
    }

    private static String tried(String way, String argument) throws Throwable {
        switch (way) {
            case "read" -> {
                return Files.readAllBytes(Path.of(argument)).length + " bytes";
            }
            case "list" -> {
                try (var all = Files.list(Path.of(argument))) {
                    return all.count() + " files";
                }
            }
            case "write" -> Files.writeString(Path.of(argument), "x");
            case "folder" -> Files.createDirectory(Path.of(argument));
            case "delete" -> Files.delete(Path.of(argument));
            case "move" -> Files.move(Path.of(argument), Path.of(argument + ".moved"));
            case "link" -> Files.createSymbolicLink(Path.of("io/link"), Path.of(argument));
            case "mode" -> Files.setAttribute(Path.of(argument), "unix:mode", 0777);
            case "load" -> System.load(Path.of(argument).toAbsolutePath().toString());
            case "execute" -> {
                return "process " + new ProcessBuilder(argument).start().pid();
            }
            case "tcp" -> {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(argument))) {
                    return socket.toString();
                }
            }
            case "udp" -> {
                try (DatagramSocket socket = new DatagramSocket()) {
                    socket.send(new DatagramPacket(
                            new byte[1], 1, InetAddress.getLoopbackAddress(), Integer.parseInt(argument)));
                }
            }
            case "unix" -> {
                try (SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(argument))) {
                    return socket.toString();
                }
            }
            case "call" -> {
                return "result " + call(argument);
            }
            case "pair" -> {
                // Datagrams, then packets; the kernel writes the two descriptors.
                try (Arena arena = Arena.ofConfined()) {
                    long ends = arena.allocate(ValueLayout.JAVA_LONG).address();
                    return "result " + call("53 1 2 0 " + ends) + call("53 1 5 0 " + ends);
                }
            }
            case "bind" -> {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment ends = arena.allocate(ValueLayout.JAVA_LONG);
                    long pair = call("53 1 1 0 " + ends.address());
                    // struct sockaddr_un: AF_UNIX, then the path.
                    MemorySegment name = arena.allocate(110);
                    name.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
                    name.setString(2, argument);
                    return "results " + pair + call("49 " + ends.get(ValueLayout.JAVA_INT, 0) + " " + name.address() + " 110");
                }
            }
            case "memory" -> {
                return memory();
            }
            case "threads" -> {
                return threads(Integer.parseInt(argument));
            }
            case "descriptors" -> {
                return descriptors(Integer.parseInt(argument));
            }
            case "heap" -> {
                List<byte[]> all = new ArrayList<>();
                while (all.size() < Integer.MAX_VALUE) {
                    all.add(new byte[1 << 20]);
                }
                return all.size() + " MB";
            }
            default -> throw new IllegalArgumentException(way);
        }
        return "";
    }

    /** A system call by number, with numbers as arguments. */
    private static long call(String words) throws Throwable {
        long[] all = new long[7];
        int count = 0;
        for (String word : words.split(" ", -1)) {
            all[count++] = Long.decode(word);
        }
        Linker linker = Linker.nativeLinker();
        ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
        MethodHandle syscall = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(word, word, word, word, word, word, word, word),
                Linker.Option.firstVariadicArg(1),
                Linker.Option.captureCallState("errno"));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            long result = (long) syscall.invokeExact(state, all[0], all[1], all[2], all[3], all[4], all[5], all[6]);
            if (result < 0) {
                throw new IOException(errorName(state.get(ValueLayout.JAVA_INT, 0)));
            }
            return result;
        }
    }

    /** By name, as an error of the arguments is no refusal. */
    private static String errorName(int errno) {
        return switch (errno) {
            case 1 -> "EPERM";
            case 13 -> "EACCES";
            case 38 -> "ENOSYS";
            default -> "error " + errno;
        };
    }

    /** How many megabytes of native memory there are, at most 64 GB. */
    private static String memory() throws Throwable {
        Linker linker = Linker.nativeLinker();
        MethodHandle malloc = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("malloc"),
                FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        MethodHandle free = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("free"), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
        List<MemorySegment> all = new ArrayList<>();
        while (all.size() < 4096) {
            MemorySegment next = (MemorySegment) malloc.invokeExact(16 * MEGABYTE);
            if (next.address() == 0) {
                break;
            }
            all.add(next);
        }
        for (MemorySegment each : all) {
            free.invokeExact(each);
        }
        return 16 * all.size() + " MB";
    }

    private static String threads(int most) {
        CountDownLatch end = new CountDownLatch(1);
        int made = 0;
        try {
            while (made < most) {
                Thread.ofPlatform().daemon().start(() -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                made++;
            }
        } catch (OutOfMemoryError e) {
            // So many and no more.
        }
        end.countDown();
        return made + " threads";
    }

    private static String descriptors(int most) throws IOException {
        List<InputStream> open = new ArrayList<>();
        try {
            while (open.size() < most) {
                open.add(Files.newInputStream(Path.of("/dev/null")));
            }
        } catch (IOException e) {
            // So many and no more.
        }
        for (InputStream each : open) {
            each.close();
        }
        return open.size() + " descriptors";
    }
}
