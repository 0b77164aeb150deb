package org.innerkeep.channel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.innerkeep.channel.linux.FilterRun.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EnclaveCallsTest {
    private static final int PID = 4711;
    private static final long THREAD = 0x3d0f00;
    private static final long VFORK = 0x4100 | 17;

    private static FilterRun forLife(Machine machine, boolean network) {
        return new FilterRun(EnclaveCalls.forLife(machine, network), machine);
    }

    private static FilterRun onceReady(Machine machine, boolean network) {
        return new FilterRun(EnclaveCalls.onceReady(machine, network, PID), machine);
    }

    @ParameterizedTest
    @EnumSource
    void numbersAreEachCallsOwn(Machine machine) {
        Set<Integer> seen = new HashSet<>();
        for (SystemCall call : SystemCall.values()) {
            if (call.number(machine) != SystemCall.ABSENT) {
                assertThat(seen.add(call.number(machine))).as("%s on %s", call, machine).isTrue();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCallByAnotherMachinesNumbersEndsTheProcess(Machine machine) {
        int other = machine == Machine.X86_64 ? Machine.AARCH64.auditArch() : Machine.X86_64.auditArch();
        int intel32 = 0x40000003;

        for (FilterRun list : new FilterRun[] {forLife(machine, true), onceReady(machine, true)}) {
            assertThat(list.of(other, SystemCall.READ.number(machine))).isEqualTo(Outcome.KILLED);
            assertThat(list.of(intel32, 3)).isEqualTo(Outcome.KILLED);
        }
    }

    /** The second interface of 64-bit Intel, x32, has bit 30 in its numbers and other calls behind them. */
    @Test
    void theNumbersOfTheX32InterfaceAreNoCalls() {
        for (FilterRun list : new FilterRun[] {forLife(Machine.X86_64, true), onceReady(Machine.X86_64, true)}) {
            for (int number : new int[] {0, 59, 101, 520, 547}) {
                assertThat(list.of(Machine.X86_64.auditArch(), 0x40000000 | number)).isEqualTo(Outcome.NO_SUCH_CALL);
            }
        }
    }

    /** By number, for these are not among the calls that this software knows. */
    @ParameterizedTest
    @CsvSource({
        "process_vm_writev, 311, 271", "kcmp, 312, 272", "finit_module, 313, 273", "init_module, 175, 105",
        "bpf, 321, 280", "perf_event_open, 298, 241", "keyctl, 250, 219", "add_key, 248, 217", "request_key, 249, 218",
        "userfaultfd, 323, 282", "setns, 308, 268", "chroot, 161, 51", "reboot, 169, 142", "swapon, 167, 224",
        "kexec_load, 246, 104", "kexec_file_load, 320, 294", "personality, 135, 92", "acct, 163, 89", "quotactl, 179, 60",
        "io_uring_setup, 425, 425", "io_uring_enter, 426, 426", "io_uring_register, 427, 427", "open_tree, 428, 428",
        "move_mount, 429, 429", "fsopen, 430, 430", "fsmount, 432, 432", "pidfd_open, 434, 434", "pidfd_getfd, 438, 438",
        "pidfd_send_signal, 424, 424", "process_madvise, 440, 440", "mount_setattr, 442, 442", "name_to_handle_at, 303, 264",
        "open_by_handle_at, 304, 265", "fchmodat, 268, 53", "fchownat, 260, 54", "utimensat, 280, 88", "setxattr, 188, 5",
        "linkat, 265, 37", "symlinkat, 266, 36", "unlinkat, 263, 35", "mkdirat, 258, 34", "mknodat, 259, 33",
        "truncate, 76, 45", "renameat2, 316, 276", "shmget, 29, 194", "msgget, 68, 186", "semget, 64, 190", "mq_open, 240, 180",
        "inotify_init1, 294, 26", "fanotify_init, 300, 262", "syslog, 103, 116", "settimeofday, 164, 170",
        "clock_settime, 227, 112", "sethostname, 170, 161", "setpriority, 141, 140", "sched_setscheduler, 144, 119",
        "tkill, 200, 130", "rt_sigqueueinfo, 129, 138", "rt_tgsigqueueinfo, 297, 240", "setpgid, 109, 154", "setsid, 112, 157",
        "fchmod, 91, 52", "flock, 73, 32", "sync, 162, 81", "vhangup, 153, 58", "lookup_dcookie, 212, 18", "ioprio_set, 251, 30",
    })
    void neitherListHas(String name, int x86, int arm) {
        for (Machine machine : Machine.values()) {
            int number = machine == Machine.X86_64 ? x86 : arm;
            for (FilterRun list : new FilterRun[] {forLife(machine, true), onceReady(machine, true)}) {
                assertThat(list.of(machine.auditArch(), number)).as("%s on %s", name, machine).isEqualTo(Outcome.NO_PERMISSION);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PTRACE", "KILL", "MOUNT", "UMOUNT2", "PIVOT_ROOT", "UNSHARE", "PROCESS_VM_READV", "EXECVEAT",
        "LANDLOCK_CREATE_RULESET", "MEMFD_CREATE", "CHDIR", "UMASK"})
    void neitherListHasThese(SystemCall call) {
        for (Machine machine : Machine.values()) {
            assertThat(forLife(machine, true).of(call)).isEqualTo(Outcome.NO_PERMISSION);
            assertThat(onceReady(machine, true).of(call)).isEqualTo(Outcome.NO_PERMISSION);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EXECVE", "SETRESUID", "SETGROUPS", "CAPSET", "SECCOMP", "DUP3", "WAIT4", "CLOSE_RANGE",
        "FALLOCATE", "FTRUNCATE"})
    void theStartNeedsWhatAReadyEnclaveHasGivenUp(SystemCall call) {
        for (Machine machine : Machine.values()) {
            assertThat(forLife(machine, true).of(call)).isEqualTo(Outcome.ALLOWED);
            assertThat(onceReady(machine, true).of(call)).isEqualTo(Outcome.NO_PERMISSION);
        }
    }

    @ParameterizedTest
    @EnumSource
    void threadsAreMadeAndProcessesAreNot(Machine machine) {
        FilterRun ready = onceReady(machine, false);

        assertThat(ready.of(SystemCall.CLONE, THREAD)).isEqualTo(Outcome.ALLOWED);
        assertThat(ready.of(SystemCall.CLONE, VFORK)).isEqualTo(Outcome.NO_PERMISSION);
        assertThat(ready.of(SystemCall.CLONE, 17)).as("fork").isEqualTo(Outcome.NO_PERMISSION);
        assertThat(ready.of(SystemCall.CLONE3)).as("so that libraries use clone").isEqualTo(Outcome.NO_SUCH_CALL);
        assertThat(forLife(machine, false).of(SystemCall.CLONE, VFORK)).isEqualTo(Outcome.ALLOWED);
        assertThat(forLife(machine, false).of(SystemCall.CLONE, 17)).as("fork").isEqualTo(Outcome.NO_PERMISSION);
        for (long namespace : new long[] {0x80, 0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000}) {
            if (namespace != 0x80) {
                assertThat(ready.of(SystemCall.CLONE, THREAD | namespace)).isEqualTo(Outcome.NO_PERMISSION);
                assertThat(forLife(machine, true).of(SystemCall.CLONE, VFORK | namespace)).isEqualTo(Outcome.NO_PERMISSION);
            }
        }
    }

    /** O_RDONLY with O_CLOEXEC; then what writes, makes or cuts a file. */
    @ParameterizedTest
    @EnumSource
    void filesAreOpenedForReadingOnly(Machine machine) {
        FilterRun ready = onceReady(machine, true);

        assertThat(ready.of(SystemCall.OPENAT, -100, 0, 0x80000)).isEqualTo(Outcome.ALLOWED);
        for (long flags : new long[] {0x1, 0x2, 0x40, 0x200, 0x410000 | 0x2, 0x400000, 0x80041}) {
            assertThat(ready.of(SystemCall.OPENAT, -100, 0, flags)).as("flags %x", flags).isEqualTo(Outcome.NO_PERMISSION);
            if (machine == Machine.X86_64) {
                assertThat(ready.of(SystemCall.OPEN, 0, flags)).as("flags %x", flags).isEqualTo(Outcome.NO_PERMISSION);
            }
        }
        assertThat(ready.of(SystemCall.OPENAT2)).as("hides its flags").isEqualTo(Outcome.NO_SUCH_CALL);
    }

    /** The upper half of a register is not part of an int: it must not hide the lower one. */
    @ParameterizedTest
    @EnumSource
    void whatTheKernelIgnoresOfAnArgumentChangesNothing(Machine machine) {
        FilterRun ready = onceReady(machine, true);
        long noise = 0xdeadbeefL << 32;

        assertThat(ready.of(SystemCall.OPENAT, -100, 0, noise | 0x41)).isEqualTo(Outcome.NO_PERMISSION);
        assertThat(ready.of(SystemCall.SOCKET, noise | 1, 1)).isEqualTo(Outcome.NO_PERMISSION);
        assertThat(ready.of(SystemCall.TGKILL, noise | PID, 1, 9)).isEqualTo(Outcome.ALLOWED);
    }

    @ParameterizedTest
    @EnumSource
    void signalsGoToTheProcessItselfOnly(Machine machine) {
        assertThat(onceReady(machine, true).of(SystemCall.TGKILL, PID, PID, 9)).isEqualTo(Outcome.ALLOWED);
        assertThat(onceReady(machine, true).of(SystemCall.TGKILL, PID + 1, PID, 9)).isEqualTo(Outcome.NO_PERMISSION);
    }

    /** Families of sockets by number, with streams: Unix, IPv4, IPv6, then netlink, packet, AF_ALG, vsock. */
    @ParameterizedTest
    @EnumSource
    void socketsAreThoseThatTheDesignNeeds(Machine machine) {
        Map<Integer, String> others = Map.of(16, "netlink", 17, "packet", 38, "AF_ALG", 40, "vsock", 15, "key", 44, "xdp");
        for (FilterRun list : new FilterRun[] {
            forLife(machine, true), forLife(machine, false), onceReady(machine, true), onceReady(machine, false)
        }) {
            others.forEach((family, name) ->
                    assertThat(list.of(SystemCall.SOCKET, family, 1)).as(name).isEqualTo(Outcome.NO_PERMISSION));
            assertThat(list.of(SystemCall.SOCKET, 2, 2)).as("UDP").isEqualTo(Outcome.NO_PERMISSION);
            assertThat(list.of(SystemCall.SOCKET, 2, 3)).as("raw").isEqualTo(Outcome.NO_PERMISSION);
        }
        for (int family : new int[] {2, 10}) {
            assertThat(forLife(machine, true).of(SystemCall.SOCKET, family, 1 | 0x80000)).isEqualTo(Outcome.ALLOWED);
            assertThat(onceReady(machine, true).of(SystemCall.SOCKET, family, 1)).isEqualTo(Outcome.ALLOWED);
            assertThat(forLife(machine, false).of(SystemCall.SOCKET, family, 1)).isEqualTo(Outcome.NO_PERMISSION);
            assertThat(onceReady(machine, false).of(SystemCall.SOCKET, family, 1)).isEqualTo(Outcome.NO_PERMISSION);
        }
        assertThat(forLife(machine, false).of(SystemCall.SOCKET, 1, 1)).as("to its keeper").isEqualTo(Outcome.ALLOWED);
        assertThat(onceReady(machine, true).of(SystemCall.SOCKET, 1, 1)).as("to others").isEqualTo(Outcome.NO_PERMISSION);
        for (SystemCall call : new SystemCall[] {SystemCall.CONNECT, SystemCall.BIND, SystemCall.LISTEN}) {
            assertThat(onceReady(machine, true).of(call)).isEqualTo(Outcome.ALLOWED);
            assertThat(onceReady(machine, false).of(call)).isEqualTo(Outcome.NO_PERMISSION);
        }
    }

    private static FilterRun[] lists(Machine machine) {
        return new FilterRun[] {forLife(machine, true), onceReady(machine, true), forLife(machine, false), onceReady(machine, false)};
    }

    private static void assertAllowed(FilterRun list, SystemCall call, long... arguments) {
        assertThat(list.of(call, arguments)).as("%s %s", call, Arrays.toString(arguments)).isEqualTo(Outcome.ALLOWED);
    }

    private static void assertRefused(FilterRun list, SystemCall call, long... arguments) {
        assertThat(list.of(call, arguments)).as("%s %s", call, Arrays.toString(arguments)).isEqualTo(Outcome.NO_PERMISSION);
    }

    /** First a JVM's memory, its files, its heap; then memory that no limit would count, and memory that is locked or huge. */
    @ParameterizedTest
    @EnumSource
    void memoryWithoutAFileIsPrivateAndNeverLocked(Machine machine) {
        for (FilterRun list : lists(machine)) {
            for (long flags : new long[] {0x22, 0x4022, 0x4032, 0x20022, 0x2, 0x12, 0x1, 0x11}) {
                assertAllowed(list, SystemCall.MMAP, 0, 4096, 3, flags);
            }
            for (long flags : new long[] {0x21, 0x23, 0x20, 0x31, 0x2022, 0x2002, 0x2001, 0x122, 0x40022, 0x40001}) {
                assertRefused(list, SystemCall.MMAP, 0, 4096, 3, flags);
            }
        }
    }

    /** A socket of a pair of datagrams, or of packets, may still send to others by name. */
    @ParameterizedTest
    @EnumSource
    void pairsOfSocketsAreStreams(Machine machine) {
        for (FilterRun list : lists(machine)) {
            assertAllowed(list, SystemCall.SOCKETPAIR, 1, 1 | 0x80000);
            for (long type : new long[] {2, 2 | 0x80000, 3, 5}) {
                assertRefused(list, SystemCall.SOCKETPAIR, 1, type);
                assertRefused(list, SystemCall.SOCKET, 1, type);
            }
        }
    }

    /** F_GETFL, F_SETFL with O_NONBLOCK and F_DUPFD_CLOEXEC; then F_SETOWN, F_SETSIG, F_SETOWN_EX, leases, notices, pipes, seals. */
    @ParameterizedTest
    @EnumSource
    void filesSendNoSignals(Machine machine) {
        for (FilterRun list : lists(machine)) {
            assertAllowed(list, SystemCall.FCNTL, 0, 3, 0);
            assertAllowed(list, SystemCall.FCNTL, 0, 4, 0x800);
            assertAllowed(list, SystemCall.FCNTL, 0, 1030, 3);
            assertRefused(list, SystemCall.FCNTL, 0, 4, 0x2000);
            for (long command : new long[] {8, 10, 15, 1024, 1026, 1031, 1033}) {
                assertRefused(list, SystemCall.FCNTL, 0, command, 1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theProcessorsOfOthersAreNotChosen(Machine machine) {
        for (FilterRun list : lists(machine)) {
            assertAllowed(list, SystemCall.SCHED_SETAFFINITY, 0, 8, 1);
            assertRefused(list, SystemCall.SCHED_SETAFFINITY, PID, 8, 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsStartedAsTheKeepersChild(Machine machine) {
        long parent = 0x8000;
        for (FilterRun list : lists(machine)) {
            assertRefused(list, SystemCall.CLONE, THREAD | parent);
            assertRefused(list, SystemCall.CLONE, VFORK | parent);
        }
    }

    /** SO_REUSEADDR, SO_RCVBUF, TCP_NODELAY, IPV6_V6ONLY; then filters of all kinds, TCP_ULP, and protocols other than TCP. */
    @ParameterizedTest
    @EnumSource
    void socketsTakeNoProgramsAndSpeakTcpOnly(Machine machine) {
        for (FilterRun list : lists(machine)) {
            for (long[] option : new long[][] {{1, 2}, {1, 8}, {6, 1}, {41, 26}}) {
                assertAllowed(list, SystemCall.SETSOCKOPT, 5, option[0], option[1]);
            }
            for (long[] option : new long[][] {{1, 26}, {1, 50}, {1, 51}, {1, 52}, {6, 31}, {0, 64}, {41, 64}, {255, 1}}) {
                assertRefused(list, SystemCall.SETSOCKOPT, 5, option[0], option[1]);
            }
            for (long protocol : new long[] {132, 262, 17}) {
                assertRefused(list, SystemCall.SOCKET, 2, 1, protocol);
            }
        }
        assertAllowed(onceReady(machine, true), SystemCall.SOCKET, 10, 1, 6);
    }

    @ParameterizedTest
    @EnumSource
    void ofOthersNoLimitsAreSet(Machine machine) {
        for (FilterRun list : new FilterRun[] {forLife(machine, true), onceReady(machine, true)}) {
            assertThat(list.of(SystemCall.PRLIMIT64, 0, 4, 1)).isEqualTo(Outcome.ALLOWED);
            assertThat(list.of(SystemCall.PRLIMIT64, 1, 4, 1)).isEqualTo(Outcome.NO_PERMISSION);
        }
    }

    @ParameterizedTest
    @EnumSource
    void terminalsAndDevicesTakeNoRequests(Machine machine) {
        int tiocsti = 0x5412;
        for (FilterRun list : new FilterRun[] {forLife(machine, true), onceReady(machine, true)}) {
            assertThat(list.of(SystemCall.IOCTL, 0, 0x541B)).isEqualTo(Outcome.ALLOWED);
            assertThat(list.of(SystemCall.IOCTL, 0, tiocsti)).isEqualTo(Outcome.NO_PERMISSION);
            assertThat(list.of(SystemCall.IOCTL, 0, 0xc0502100L)).as("answers of filters").isEqualTo(Outcome.NO_PERMISSION);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNewerKernelsCallsAreNotThere(Machine machine) {
        assertThat(onceReady(machine, true).of(machine.auditArch(), 463)).isEqualTo(Outcome.NO_SUCH_CALL);
        assertThat(onceReady(machine, true).of(machine.auditArch(), -1)).isEqualTo(Outcome.NO_SUCH_CALL);
    }

    /** The start's own filter must not be replaced by a wider one: each is asked, and the strictest answer counts. */
    @ParameterizedTest
    @EnumSource
    void whatIsAllowedOnceReadyWasAllowedBefore(Machine machine) {
        for (boolean network : new boolean[] {true, false}) {
            for (SystemCall call : SystemCall.values()) {
                if (call.number(machine) != SystemCall.ABSENT
                        && onceReady(machine, network).of(call, 0, 0, 0, 0) == Outcome.ALLOWED) {
                    assertThat(forLife(machine, network).of(call, 0, 0, 0, 0)).as("%s", call).isEqualTo(Outcome.ALLOWED);
                }
            }
        }
    }
}
