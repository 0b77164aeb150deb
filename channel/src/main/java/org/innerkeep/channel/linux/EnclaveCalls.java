package org.innerkeep.channel.linux;

import static org.innerkeep.channel.linux.CallFilter.Argument.has;
import static org.innerkeep.channel.linux.CallFilter.Argument.is;
import static org.innerkeep.channel.linux.CallFilter.Argument.lacks;

/**
 * The system calls that an enclave may make. Both lists name what is allowed; they were found by running enclaves on Java 25, a
 * server on Helidon among them, and widened by what is harmless: reading clocks, limits and names.
 *
 * <p>In neither: tracing and reading other processes, signals to others, mounts, namespaces, kernel modules, keys of the kernel, BPF,
 * performance events, io_uring, userfaultfd, memory files, message queues and shared memory of System V, and everything that changes
 * the names, owners, modes or times of files, for which Landlock has no rule.
 */
public final class EnclaveCalls {
    private static final int MAP_PRIVATE = 0x2;
    private static final int MAP_ANONYMOUS = 0x20;

    /** What MAP_SHARED, MAP_PRIVATE and MAP_SHARED_VALIDATE are told apart by. */
    private static final int MAP_KIND_MASK = 0x3;

    /** MAP_GROWSDOWN, MAP_LOCKED, MAP_HUGETLB: memory that the limit of a process's data does not count, or that is taken at once. */
    private static final int MAP_UNCOUNTED = 0x100 | 0x2000 | 0x40000;

    /** F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_GETLK, F_SETLK, F_SETLKW, F_DUPFD_CLOEXEC. */
    private static final int[] FILE_COMMANDS = {0, 1, 2, 3, 5, 6, 7, 1030};

    private static final int F_SETFL = 4;
    private static final int O_ASYNC = 0x2000;

    private static final int CLONE_VM = 0x100;
    private static final int CLONE_VFORK = 0x4000;
    private static final int CLONE_THREAD = 0x10000;
    private static final int CLONE_SIGHAND = 0x800;

    /** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
    private static final int CLONE_NEW_ANY = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000
            | 0x40000000;

    /** These, and CLONE_PARENT, by which what is started would be the keeper's child. */
    private static final int CLONE_NEVER = CLONE_NEW_ANY | 0x8000;

    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_STREAM = 1;

    private static final int IPPROTO_IP = 0;
    private static final int IPPROTO_TCP = 6;
    private static final int IPPROTO_IPV6 = 41;
    private static final int SOL_SOCKET = 1;

    /** SO_REUSEADDR, SNDBUF, RCVBUF, KEEPALIVE, OOBINLINE, LINGER, REUSEPORT, RCVTIMEO, SNDTIMEO. */
    private static final int[] SOCKET_OPTIONS = {2, 7, 8, 9, 10, 13, 15, 20, 21};

    /** TCP_NODELAY, KEEPIDLE, KEEPINTVL, KEEPCNT, QUICKACK. */
    private static final int[] TCP_OPTIONS = {1, 4, 5, 6, 12};

    /** IP_TOS. */
    private static final int[] IP_OPTIONS = {1};

    /** IPV6_V6ONLY, TCLASS. */
    private static final int[] IPV6_OPTIONS = {26, 67};

    /** What the type of a socket is among SOCK_CLOEXEC and SOCK_NONBLOCK. */
    private static final int SOCK_TYPE_MASK = 0xf;

    private static final CallFilter.Argument STREAM = new CallFilter.Argument(1, SOCK_TYPE_MASK, SOCK_STREAM);

    /** O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, and the bit of O_TMPFILE that is its own: each would write or make a file. */
    private static final int OPEN_TO_CHANGE = 0x1 | 0x2 | 0x40 | 0x200 | 0x400000;

    private static final int FIONREAD = 0x541B;
    private static final int FIONBIO = 0x5421;
    private static final int TCGETS = 0x5401;
    private static final int TIOCGWINSZ = 0x5413;

    private static final int PR_GET_DUMPABLE = 3;
    private static final int PR_GET_KEEPCAPS = 7;
    private static final int PR_SET_KEEPCAPS = 8;
    private static final int PR_SET_NAME = 15;
    private static final int PR_GET_NAME = 16;
    private static final int PR_CAPBSET_READ = 23;
    private static final int PR_CAPBSET_DROP = 24;
    private static final int PR_GET_SECUREBITS = 27;
    private static final int PR_SET_TIMERSLACK = 29;
    private static final int PR_GET_NO_NEW_PRIVS = 39;
    private static final int PR_CAP_AMBIENT = 47;
    private static final int PR_SET_VMA = 0x53564d41;

    /** A process's work once it runs: memory, threads, clocks, and what it has open already. */
    private static final SystemCall[] WORK = {
        SystemCall.FUTEX, SystemCall.READ, SystemCall.WRITE, SystemCall.CLOSE,
        SystemCall.MPROTECT, SystemCall.MUNMAP, SystemCall.MADVISE, SystemCall.MREMAP, SystemCall.MINCORE,
        SystemCall.BRK, SystemCall.MEMBARRIER,
        SystemCall.CLOCK_GETTIME, SystemCall.CLOCK_NANOSLEEP, SystemCall.CLOCK_GETRES, SystemCall.NANOSLEEP,
        SystemCall.GETTIMEOFDAY, SystemCall.TIME, SystemCall.TIMES,
        SystemCall.SCHED_YIELD, SystemCall.SCHED_GETAFFINITY, SystemCall.SCHED_GETPARAM,
        SystemCall.SCHED_GETSCHEDULER, SystemCall.SCHED_GET_PRIORITY_MAX, SystemCall.SCHED_GET_PRIORITY_MIN,
        SystemCall.GETPRIORITY, SystemCall.GETCPU,
        SystemCall.RT_SIGPROCMASK, SystemCall.RT_SIGACTION, SystemCall.RT_SIGRETURN, SystemCall.RT_SIGTIMEDWAIT,
        SystemCall.RT_SIGSUSPEND, SystemCall.SIGALTSTACK,
        SystemCall.SET_ROBUST_LIST, SystemCall.GET_ROBUST_LIST, SystemCall.RSEQ, SystemCall.SET_TID_ADDRESS,
        SystemCall.GETTID, SystemCall.GETPID, SystemCall.GETPPID,
        SystemCall.GETUID, SystemCall.GETEUID, SystemCall.GETGID, SystemCall.GETEGID,
        SystemCall.EXIT, SystemCall.EXIT_GROUP, SystemCall.GETRANDOM,
        SystemCall.UNAME, SystemCall.SYSINFO, SystemCall.GETRUSAGE, SystemCall.GETRLIMIT,
        SystemCall.LSEEK, SystemCall.PREAD64, SystemCall.PWRITE64, SystemCall.READV, SystemCall.WRITEV,
        SystemCall.PREADV, SystemCall.PWRITEV, SystemCall.SENDFILE, SystemCall.FADVISE64, SystemCall.DUP,
        SystemCall.POLL, SystemCall.PPOLL, SystemCall.SELECT, SystemCall.PSELECT6,
        SystemCall.EPOLL_CREATE, SystemCall.EPOLL_CREATE1, SystemCall.EPOLL_CTL, SystemCall.EPOLL_WAIT,
        SystemCall.EPOLL_PWAIT, SystemCall.EPOLL_PWAIT2, SystemCall.EVENTFD2, SystemCall.PIPE, SystemCall.PIPE2,
        SystemCall.TIMERFD_CREATE, SystemCall.TIMERFD_SETTIME,
        SystemCall.ACCEPT, SystemCall.ACCEPT4, SystemCall.RECVFROM, SystemCall.RECVMSG, SystemCall.SENDTO, SystemCall.SENDMSG,
        SystemCall.SHUTDOWN, SystemCall.GETSOCKOPT, SystemCall.GETSOCKNAME, SystemCall.GETPEERNAME,
    };

    /** Looking at files; which ones can be opened is Landlock's business. */
    private static final SystemCall[] LOOK = {
        SystemCall.STAT, SystemCall.FSTAT, SystemCall.LSTAT, SystemCall.NEWFSTATAT, SystemCall.STATX, SystemCall.STATFS,
        SystemCall.FSTATFS, SystemCall.ACCESS, SystemCall.FACCESSAT, SystemCall.FACCESSAT2,
        SystemCall.READLINK, SystemCall.READLINKAT, SystemCall.GETDENTS64, SystemCall.GETCWD,
    };

    /** Of the start alone: what runs in the new process before Java does, and a Java's own start. */
    private static final SystemCall[] START = {
        SystemCall.OPEN, SystemCall.OPENAT, SystemCall.FALLOCATE, SystemCall.FTRUNCATE,
        SystemCall.EXECVE, SystemCall.WAIT4, SystemCall.WAITID, SystemCall.CLOSE_RANGE, SystemCall.DUP2, SystemCall.DUP3,
        SystemCall.ARCH_PRCTL, SystemCall.TGKILL, SystemCall.SECCOMP,
        SystemCall.SETUID, SystemCall.SETGID, SystemCall.SETREUID, SystemCall.SETREGID, SystemCall.SETRESUID,
        SystemCall.SETRESGID, SystemCall.GETRESUID, SystemCall.GETRESGID, SystemCall.GETGROUPS, SystemCall.SETGROUPS,
        SystemCall.CAPGET, SystemCall.CAPSET,
        SystemCall.CONNECT, SystemCall.BIND, SystemCall.LISTEN,
    };

    private EnclaveCalls() {}

    /**
     * What an enclave's process may ever call. It is set on the thread that starts the process, so the start is within it: switching
     * to the enclave's user, and executing the JVM. Files are opened, and programs executed, as far as Landlock allows it; new
     * processes only share memory with their parent until they execute something.
     *
     * @param machine on which
     * @param ownNetwork whether the enclave has a network of its own, so that it may have sockets in it
     * @return the list
     */
    public static CallFilter forLife(Machine machine, boolean ownNetwork) {
        CallFilter.Builder filter = CallFilter.on(machine).allow(WORK).allow(LOOK).allow(START);
        work(filter);
        filter.allowIf(SystemCall.CLONE, has(0, CLONE_VM | CLONE_VFORK), lacks(0, CLONE_NEVER));
        filter.allowIf(SystemCall.SOCKET, is(0, AF_UNIX), STREAM);
        ioctls(filter);
        filter.allowIf(SystemCall.IOCTL, is(1, TIOCGWINSZ));
        options(filter);
        for (int option : new int[] {
            (int) Kernel.PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_GET_KEEPCAPS, PR_SET_KEEPCAPS,
            PR_GET_SECUREBITS, PR_CAP_AMBIENT
        }) {
            filter.allowIf(SystemCall.PRCTL, is(0, option));
        }
        // Of its own limits only.
        filter.allowIf(SystemCall.PRLIMIT64, is(0, 0));
        network(filter, ownNetwork);
        return filter.build();
    }

    /**
     * What is left once the runtime inside is ready and before the program's code is loaded: no new processes, nothing executed, files
     * for reading only, signals to itself only, no new connections but, in a network of its own, those over TCP.
     *
     * @param machine on which
     * @param ownNetwork whether the enclave has a network of its own
     * @param pid the process's own id
     * @return the list
     */
    public static CallFilter onceReady(Machine machine, boolean ownNetwork, long pid) {
        CallFilter.Builder filter = CallFilter.on(machine).allow(WORK).allow(LOOK);
        work(filter);
        filter.allowIf(SystemCall.OPEN, lacks(1, OPEN_TO_CHANGE));
        filter.allowIf(SystemCall.OPENAT, lacks(2, OPEN_TO_CHANGE));
        filter.allowIf(SystemCall.TGKILL, is(0, (int) pid));
        ioctls(filter);
        options(filter);
        filter.allowIf(SystemCall.PRLIMIT64, is(0, 0));
        network(filter, ownNetwork);
        if (ownNetwork) {
            filter.allow(SystemCall.CONNECT, SystemCall.BIND, SystemCall.LISTEN);
        }
        return filter.build();
    }

    /** Calls of a process's work that have forms which it needs not. */
    private static void work(CallFilter.Builder filter) {
        memory(filter);
        threads(filter);
        for (int command : FILE_COMMANDS) {
            filter.allowIf(SystemCall.FCNTL, is(1, command));
        }
        // Signals about a file go to whom F_SETOWN names, be it another process of the same user: neither is there.
        filter.allowIf(SystemCall.FCNTL, is(1, F_SETFL), lacks(2, O_ASYNC));
        filter.allowIf(SystemCall.SCHED_SETAFFINITY, is(0, 0));
        socketOptions(filter, SOL_SOCKET, SOCKET_OPTIONS);
        socketOptions(filter, IPPROTO_TCP, TCP_OPTIONS);
        socketOptions(filter, IPPROTO_IP, IP_OPTIONS);
        socketOptions(filter, IPPROTO_IPV6, IPV6_OPTIONS);
    }

    /** The limit of a process's data counts private memory only, so memory without a file is private; a heap has a file. */
    private static void memory(CallFilter.Builder filter) {
        filter.allowIf(SystemCall.MMAP, new CallFilter.Argument(3, MAP_KIND_MASK | MAP_UNCOUNTED, MAP_PRIVATE));
        filter.allowIf(SystemCall.MMAP, lacks(3, MAP_ANONYMOUS | MAP_UNCOUNTED));
    }

    private static void socketOptions(CallFilter.Builder filter, int level, int[] options) {
        for (int option : options) {
            filter.allowIf(SystemCall.SETSOCKOPT, is(1, level), is(2, option));
        }
    }

    /** Threads of the same process; clone3 hides its flags from filters, and whoever is told that there is no such call uses clone. */
    private static void threads(CallFilter.Builder filter) {
        filter.allowIf(SystemCall.CLONE, has(0, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD), lacks(0, CLONE_NEVER));
        filter.refuse(CallFilter.ENOSYS, SystemCall.CLONE3, SystemCall.OPENAT2);
    }

    private static void ioctls(CallFilter.Builder filter) {
        for (int request : new int[] {FIONREAD, FIONBIO, TCGETS}) {
            filter.allowIf(SystemCall.IOCTL, is(1, request));
        }
    }

    private static void options(CallFilter.Builder filter) {
        for (int option : new int[] {
            PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_SET_TIMERSLACK, PR_SET_VMA, (int) Kernel.PR_GET_SECCOMP
        }) {
            filter.allowIf(SystemCall.PRCTL, is(0, option));
        }
    }

    private static void network(CallFilter.Builder filter, boolean own) {
        if (own) {
            for (int family : new int[] {AF_INET, AF_INET6}) {
                for (int protocol : new int[] {0, IPPROTO_TCP}) {
                    filter.allowIf(SystemCall.SOCKET, is(0, family), STREAM, is(2, protocol));
                }
            }
        }
        // A pair of streams leads nowhere but to itself. One of datagrams does: each message may name another socket.
        filter.allowIf(SystemCall.SOCKETPAIR, is(0, AF_UNIX), STREAM);
    }
}
