/*
 * What two processes of this machine need at least to reach each other, and what a copy costs. Every figure is nanoseconds, one sample
 * for each exchange, taken with the same clock as the Java side takes them; printed are the 25th, 50th and 75th of 100 and how many.
 *
 *   limits call BYTES MILLIS      there and back over shared memory: both processes spin, acquire and release
 *   limits futex COUNT MICROS     one wake by a futex after so many microseconds of idleness; the answer is awaited spinning
 *   limits eventfd COUNT MICROS   the same by an eventfd
 *   limits copy BYTES MILLIS      two copies of so many bytes, each between places that were not touched lately
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_BYTES (1 << 20)
#define MAX_SAMPLES (1 << 20)
/* Beyond the second cache of any processor, so that buffers which are used in turn come from the third or from memory. */
#define ROTATION (32 << 20)
/* A processor that has nobody to spin against must let the other process run. */
#define SPINS (1 << 10)

/* One direction. The turn and the bytes lie on cache lines of their own. */
struct way {
    _Alignas(64) _Atomic uint32_t turn;
    _Alignas(64) unsigned char bytes[MAX_BYTES];
};

struct shared {
    struct way there;
    struct way back;
};

static int64_t samples[MAX_SAMPLES];
static int count;

static int64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t) at.tv_sec * 1000000000 + at.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

static void await(_Atomic uint32_t *turn, uint32_t wanted) {
    for (int spins = 1; atomic_load_explicit(turn, memory_order_acquire) != wanted; spins++) {
        relax();
        if (spins % SPINS == 0) {
            sched_yield();
        }
    }
}

static struct shared *map(void) {
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (shared == MAP_FAILED) {
        fail("mmap");
    }
    return shared;
}

/* Two that spin must not share a processor; the kernel moves them apart only after some time. */
static void keep_to(cpu_set_t *allowed, int which) {
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int processor = 0; processor < CPU_SETSIZE; processor++) {
        if (CPU_ISSET(processor, allowed) && which-- == 0) {
            CPU_SET(processor, &one);
            sched_setaffinity(0, sizeof one, &one);
        }
    }
}

/* The other process, which ends with this one. Returns 0 there. */
static pid_t other(void) {
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        fail("fork");
    }
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            exit(1);
        }
    }
    return pid;
}

static int ascending(const void *one, const void *two) {
    int64_t a = *(const int64_t *) one, b = *(const int64_t *) two;
    return (a > b) - (a < b);
}

static void report(void) {
    if (count == 0) {
        fprintf(stderr, "nothing was measured\n");
        exit(1);
    }
    qsort(samples, count, sizeof *samples, ascending);
    printf("%lld %lld %lld %d\n", (long long) samples[count / 4], (long long) samples[count / 2],
           (long long) samples[count - 1 - count / 4], count);
}

static void call(size_t bytes, int64_t millis) {
    struct shared *shared = map();
    unsigned char *message = malloc(bytes), *answer = calloc(1, bytes);
    memset(message, 7, bytes);
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        fail("sched_getaffinity");
    }
    pid_t pid = other();
    keep_to(&allowed, pid == 0 ? 1 : 0);
    if (pid == 0) {
        for (uint32_t turn = 1;; turn++) {
            await(&shared->there.turn, turn);
            memcpy(answer, shared->there.bytes, bytes);
            memcpy(shared->back.bytes, answer, bytes);
            atomic_store_explicit(&shared->back.turn, turn, memory_order_release);
        }
    }
    /* The first tenth is not counted. */
    int64_t begin = now(), warm = begin + millis * 100000, end = begin + millis * 1000000;
    for (uint32_t turn = 1; count < MAX_SAMPLES; turn++) {
        int64_t before = now();
        memcpy(shared->there.bytes, message, bytes);
        atomic_store_explicit(&shared->there.turn, turn, memory_order_release);
        await(&shared->back.turn, turn);
        memcpy(answer, shared->back.bytes, bytes);
        int64_t after = now();
        if (before > warm) {
            samples[count++] = after - before;
        }
        if (after > end && count > 0) {
            break;
        }
    }
    if (memcmp(message, answer, bytes) != 0) {
        fprintf(stderr, "the answer is not the message\n");
        exit(1);
    }
    kill(pid, SIGKILL);
}

static void sleep_micros(int64_t micros) {
    struct timespec pause = {micros / 1000000, micros % 1000000 * 1000};
    nanosleep(&pause, NULL);
}

static void wake(int by_eventfd, int exchanges, int64_t micros) {
    struct shared *shared = map();
    int bell = eventfd(0, 0);
    if (bell < 0) {
        fail("eventfd");
    }
    pid_t pid = other();
    if (pid == 0) {
        for (uint32_t turn = 1;; turn++) {
            if (by_eventfd) {
                uint64_t rung;
                if (read(bell, &rung, sizeof rung) != sizeof rung) {
                    fail("read");
                }
            } else {
                while (atomic_load_explicit(&shared->there.turn, memory_order_acquire) != turn) {
                    syscall(SYS_futex, &shared->there.turn, FUTEX_WAIT, turn - 1, NULL, NULL, 0);
                }
            }
            atomic_store_explicit(&shared->back.turn, turn, memory_order_release);
        }
    }
    for (uint32_t turn = 1; count < exchanges && count < MAX_SAMPLES; turn++) {
        sleep_micros(micros);
        int64_t before = now();
        atomic_store_explicit(&shared->there.turn, turn, memory_order_release);
        if (by_eventfd) {
            uint64_t one = 1;
            if (write(bell, &one, sizeof one) != sizeof one) {
                fail("write");
            }
        } else {
            syscall(SYS_futex, &shared->there.turn, FUTEX_WAKE, 1, NULL, NULL, 0);
        }
        await(&shared->back.turn, turn);
        samples[count++] = now() - before;
    }
    kill(pid, SIGKILL);
}

static void copy(size_t bytes, int64_t millis) {
    unsigned char *from = malloc(ROTATION), *to = malloc(ROTATION);
    if (from == NULL || to == NULL) {
        fail("malloc");
    }
    memset(from, 7, ROTATION);
    memset(to, 1, ROTATION);
    size_t places = ROTATION / bytes;
    int64_t end = now() + millis * 1000000;
    for (size_t at = 0; count < MAX_SAMPLES; at += 2) {
        int64_t before = now();
        memcpy(to + at % places * bytes, from + at % places * bytes, bytes);
        memcpy(to + (at + 1) % places * bytes, from + (at + 1) % places * bytes, bytes);
        int64_t after = now();
        samples[count++] = after - before;
        if (after > end) {
            break;
        }
    }
    if (memcmp(from, to, bytes) != 0) {
        fprintf(stderr, "the copy is not what was copied\n");
        exit(1);
    }
}

int main(int arguments, char **argument) {
    long long first = arguments == 4 ? atoll(argument[2]) : 0, second = arguments == 4 ? atoll(argument[3]) : 0;
    if (first < 1 || first > MAX_BYTES || second < 0) {
        fprintf(stderr, "usage: limits call|copy BYTES MILLIS, limits futex|eventfd COUNT MICROS\n");
        return 2;
    }
    if (strcmp(argument[1], "call") == 0) {
        call(first, second);
    } else if (strcmp(argument[1], "copy") == 0) {
        copy(first, second);
    } else if (strcmp(argument[1], "futex") == 0) {
        wake(0, first, second);
    } else if (strcmp(argument[1], "eventfd") == 0) {
        wake(1, first, second);
    } else {
        fprintf(stderr, "unknown: %s\n", argument[1]);
        return 2;
    }
    report();
    return 0;
}
