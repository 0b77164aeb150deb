package org.innerkeep.keeper;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.channel.call.CallPeer;
import org.innerkeep.channel.call.Disclosure;
import org.innerkeep.channel.keeper.Boundary;
import org.innerkeep.channel.keeper.KeeperService.StartedEnclave;
import org.innerkeep.channel.keeper.RuntimeService;
import org.innerkeep.channel.keeper.StartRefusedException;

/**
 * Lets a hostile enclave try everything, with a neighbour beside it, and tells what came of it. Run in the test's own JVM by root, and
 * as a program by another user.
 */
final class Attack {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final List<Class<?>> HOSTILE = List.of(Hostile.class, Hostile.Attacks.class, HostileMain.class);

    /** Calls that work where nothing confines: memory beyond the limit, messages to any socket, signals to others. */
    private static final Map<String, String> UNCOUNTED = Map.of(
            "shared memory without a file", "9 0 4096 3 0x21 -1",
            "locked memory", "9 0 4096 3 0x2022 -1",
            "memory that grows down", "9 0 4096 3 0x122 -1",
            "signals about a file to another", "72 0 8 " + ProcessHandle.current().pid());

    private final Map<String, String> outcomes = new LinkedHashMap<>();

    private Attack() {}

    /** As another user: the folder to work in, then the folder with linked runtimes, which becomes the keeper's. */
    public static void main(String[] arguments) throws Exception {
        Path temp = Path.of(arguments[0]);
        on(temp, Path.of(arguments[1])).forEach((what, came) -> System.out.println(what + "\t" + came.replace('\n', ' ')));
        System.exit(0);
    }

    /** One host's view of its enclave. */
    private record Enclave(TestKeeper.Host host, StartedEnclave started, CallPeer peer) implements AutoCloseable {
        static Enclave start(TestKeeper keeper, byte[] bundle) throws IOException, StartRefusedException {
            TestKeeper.Host host = keeper.connect();
            StartedEnclave started = host.start(bundle);
            SocketChannel channel = Boundary.connect(
                    UnixDomainSocketAddress.of(started.boundary()), Boundary.Kind.CALLS, started.token());
            CallPeer peer = CallPeer.over(
                            Channels.newInputStream(channel), Channels.newOutputStream(channel), Disclosure.TO_HOST)
                    .start();
            return new Enclave(host, started, peer);
        }

        String attempt(String way, String argument) {
            return peer.bind(Hostile.Attacks.class, LONG).attempt(way, argument);
        }

        RuntimeService runtime() {
            return peer.bind(RuntimeService.class, LONG);
        }

        Path folder() {
            return Path.of(started.boundary()).resolve("../..").normalize();
        }

        @Override
        public void close() {
            peer.close();
            host.close();
        }
    }

    static Map<String, String> on(Path temp, Path runtimes) throws Exception {
        Attack attack = new Attack();
        byte[] hostile = Bundles.real(temp, Hostile.class.getName(), settings -> settings, HOSTILE);
        byte[] main = Bundles.withMain(
                temp,
                code -> code.invokestatic(
                        java.lang.constant.ClassDesc.of(HostileMain.class.getName()),
                        "run",
                        java.lang.constant.MethodTypeDesc.of(java.lang.constant.ConstantDescs.CD_void)),
                HOSTILE);
        attack.controls(temp);
        try (TestKeeper keeper = TestKeeper.start(temp, runtimes, 4, LONG);
                Enclave neighbour = Enclave.start(keeper, Bundles.idle(temp))) {
            neighbour.runtime().awaitStart();
            try (Enclave enclave = Enclave.start(keeper, hostile)) {
                attack.outcomes.put("started", enclave.runtime().awaitStart().orElse("yes"));
                attack.outcomes.put("capabilities", Long.toHexString(InForce.of(pidOf(enclave.folder())).capabilities()));
                attack.files(enclave, keeper, neighbour);
                attack.processes(enclave, neighbour);
                attack.network(enclave, keeper, temp);
                attack.calls(enclave);
                attack.exhaustion(enclave);
            }
            attack.outcomes.put("neighbour serves", neighbour.runtime().counters().toString());
            attack.outcomes.put("without the runtime", attack.refusal(keeper, main));
            try (Enclave greedy = Enclave.start(keeper, hostile)) {
                greedy.runtime().awaitStart();
                attack.outcomes.put("exhaust heap", ended(() -> greedy.attempt("heap", "")));
            }
            try (Enclave next = Enclave.start(keeper, Bundles.idle(temp))) {
                attack.outcomes.put("keeper serves", next.runtime().awaitStart().orElse("yes"));
            }
            attack.outcomes.put("neighbour still serves", neighbour.runtime().counters().toString());
        }
        return attack.outcomes;
    }

    /** The same attempts by the same code in this process, which nothing confines: they must work, or refusals prove nothing. */
    private void controls(Path temp) throws IOException {
        Path path = temp.resolve("t");
        try (ServerSocket tcp = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            unix.bind(UnixDomainSocketAddress.of(path));
            String port = Integer.toString(tcp.getLocalPort());
            Path file = temp.resolve("control");
            Map<String, List<String>> ways = new LinkedHashMap<>();
            ways.put("read users", List.of("read", "/etc/passwd"));
            ways.put("read status", List.of("read", "/proc/self/status"));
            ways.put("list root folder", List.of("list", "/"));
            ways.put("write", List.of("write", file.toString()));
            ways.put("change mode", List.of("mode", file.toString()));
            ways.put("move", List.of("move", file.toString()));
            ways.put("delete", List.of("delete", file + ".moved"));
            ways.put("execute", List.of("execute", "/bin/true"));
            ways.put("connect by TCP", List.of("tcp", port));
            ways.put("send by UDP", List.of("udp", port));
            ways.put("connect to a socket", List.of("unix", path.toString()));
            ways.put("netlink", List.of("call", "41 16 3 0"));
            ways.put("signal", List.of("call", "62 " + ProcessHandle.current().pid() + " 0"));
            ways.put("hold", List.of("call", "434 " + ProcessHandle.current().pid() + " 0"));
            ways.put("exhaust descriptors", List.of("descriptors", "100"));
            UNCOUNTED.forEach((what, call) -> ways.put(what, List.of("call", call)));
            ways.put("socket of a pair in a folder", List.of("bind", temp.resolve("more").toString()));
            ways.put("pair of datagram sockets", List.of("pair", ""));
            ways.forEach((what, way) -> outcomes.put("unconfined: " + what, Hostile.attempt(way.get(0), way.get(1))));
        }
    }

    private String refusal(TestKeeper keeper, byte[] bundle) throws IOException {
        try (TestKeeper.Host host = keeper.connect()) {
            host.start(bundle);
            return "started";
        } catch (StartRefusedException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String ended(java.util.function.Supplier<String> call) {
        try {
            return "done: " + call.get();
        } catch (RuntimeException e) {
            return "ended";
        }
    }

    private void attempt(Enclave enclave, String what, String way, String argument) {
        outcomes.put(way.equals("call") ? "call: " + what : what, enclave.attempt(way, argument));
    }

    private void files(Enclave enclave, TestKeeper keeper, Enclave neighbour) {
        Path folder = keeper.socket().resolve("..").normalize();
        attempt(enclave, "control: read own code", "read", "lib/app.jar");
        attempt(enclave, "control: read randomness", "descriptors", "1");
        attempt(enclave, "read users", "read", "/etc/passwd");
        attempt(enclave, "read keeper's key", "read", folder.resolve("platform.key").toString());
        attempt(enclave, "read sealing root", "read", folder.resolve("sealing.root").toString());
        attempt(enclave, "change keeper's key", "write", folder.resolve("platform.key").toString());
        attempt(enclave, "delete keeper's key", "delete", folder.resolve("platform.key").toString());
        attempt(enclave, "open keeper's key to others", "mode", folder.resolve("platform.key").toString());
        attempt(enclave, "list keeper's folder", "list", folder.toString());
        attempt(enclave, "read neighbour's code", "read", neighbour.folder().resolve("lib/app.jar").toString());
        attempt(enclave, "list neighbour's folder", "list", neighbour.folder().toString());
        attempt(enclave, "write neighbour's folder", "write", neighbour.folder().resolve("io/file").toString());
        attempt(enclave, "list root folder", "list", "/");
        attempt(enclave, "write own folder", "write", "io/file");
        attempt(enclave, "write own code", "write", "lib/app.jar");
        attempt(enclave, "write temporary files", "write", "/tmp/innerkeep-hostile");
        attempt(enclave, "write shared memory", "write", "/dev/shm/innerkeep-hostile");
        attempt(enclave, "make folder", "folder", "io/folder");
        attempt(enclave, "make link", "link", "/etc/passwd");
        attempt(enclave, "load library from io", "load", "io/libx.so");
        attempt(enclave, "change own folder's mode", "mode", "io");
    }

    private void processes(Enclave enclave, Enclave neighbour) throws IOException {
        String keeper = Long.toString(ProcessHandle.current().pid());
        String other = Long.toString(pidOf(neighbour.folder()));
        for (String program : List.of("/bin/true", "/usr/bin/setpriv", "/usr/bin/prlimit")) {
            attempt(enclave, "execute " + program, "execute", program);
        }
        attempt(enclave, "execute own java", "call", "59 0 0 0");
        for (String pid : List.of(keeper, other)) {
            String whose = pid.equals(keeper) ? "keeper" : "neighbour";
            attempt(enclave, "read memory file of " + whose, "read", "/proc/" + pid + "/mem");
            attempt(enclave, "read status of " + whose, "read", "/proc/" + pid + "/status");
            attempt(enclave, "list descriptors of " + whose, "list", "/proc/" + pid + "/fd");
            attempt(enclave, "trace " + whose, "call", "101 16 " + pid);
            attempt(enclave, "seize " + whose, "call", "101 0x4206 " + pid);
            attempt(enclave, "read memory of " + whose, "call", "310 " + pid + " 0 0 0 0 0");
            attempt(enclave, "signal " + whose, "call", "62 " + pid + " 0");
            attempt(enclave, "signal thread of " + whose, "call", "234 " + pid + " " + pid + " 0");
            attempt(enclave, "hold " + whose, "call", "434 " + pid + " 0");
            attempt(enclave, "limit " + whose, "call", "302 " + pid + " 7 0 0");
        }
    }

    /** The process whose working directory a folder is. */
    private static long pidOf(Path folder) throws IOException {
        try (var all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path each : all) {
                try {
                    if (Files.readSymbolicLink(each.resolve("cwd")).equals(folder.toRealPath())) {
                        return Long.parseLong(each.getFileName().toString());
                    }
                } catch (IOException e) {
                    // Not ours, or gone.
                }
            }
        }
        throw new IOException("no process works in " + folder);
    }

    private void network(Enclave enclave, TestKeeper keeper, Path temp) throws IOException {
        Path path = temp.resolve("s");
        try (ServerSocket tcp = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            unix.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
            attempt(enclave, "connect by TCP", "tcp", Integer.toString(tcp.getLocalPort()));
            attempt(enclave, "send by UDP", "udp", Integer.toString(tcp.getLocalPort()));
            attempt(enclave, "connect to a socket of the machine", "unix", path.toString());
            attempt(enclave, "connect to the keeper as a host", "unix", keeper.socket().toString());
        }
        attempt(enclave, "netlink", "call", "41 16 3 0");
        attempt(enclave, "packets", "call", "41 17 3 0");
        attempt(enclave, "kernel's cryptography", "call", "41 38 5 0");
        attempt(enclave, "pair of datagram sockets", "pair", "");
        attempt(enclave, "call: socket of a pair in io", "bind", "io/more");
        attempt(enclave, "virtual machine's sockets", "call", "41 40 1 0");
    }

    private void calls(Enclave enclave) {
        Map<String, String> calls = new LinkedHashMap<>();
        calls.put("fork", "57");
        calls.put("fork by clone", "56 17");
        calls.put("fork by clone3", "435 0 0");
        calls.put("be traced", "101 0");
        calls.put("new user namespace", "272 0x10000000");
        calls.put("new mount namespace", "272 0x20000");
        calls.put("mount", "165 0 0 0 0 0");
        calls.put("chroot", "161 0");
        calls.put("BPF", "321 0 0 0");
        calls.put("performance events", "298 0 0 -1 -1 0");
        calls.put("keys of the kernel", "250 0 -3 0");
        calls.put("io_uring", "425 1 0");
        calls.put("userfaultfd", "323 1");
        calls.put("personality", "135 0xffffffff");
        calls.put("memory file", "319 0 0");
        calls.put("another filter", "317 1 0 0");
        calls.put("become root", "105 0");
        calls.put("shared memory", "29 0 4096 0x3b6");
        calls.put("restart the machine", "169 0 0 0 0");
        calls.put("load a module", "175 0 0 0");
        calls.put("allow dumps", "157 4 1");
        calls.putAll(UNCOUNTED);
        calls.put("change the kernel's choice of processors for others", "203 " + ProcessHandle.current().pid() + " 0 0");
        calls.put("TCP of many paths", "41 2 1 262");
        calls.put("filter of a socket", "54 0 1 26 0 0");
        calls.put("thread beside the keeper's", "56 0x3d8f00");
        calls.put("process beside the keeper's", "56 0xc111");
        calls.forEach((what, call) -> attempt(enclave, what, "call", call));
    }

    private void exhaustion(Enclave enclave) {
        attempt(enclave, "exhaust memory", "memory", "");
        attempt(enclave, "exhaust threads", "threads", "4000");
        attempt(enclave, "exhaust descriptors", "descriptors", "40000");
    }
}
