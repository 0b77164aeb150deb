package org.innerkeep.channel.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.innerkeep.channel.call.CallException.Code;
import org.innerkeep.channel.call.Samples.Rich;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CallPeerTest {
    /** Methods in the order of their names, which is that of their indices: add 0, block 1, echo 2, fill 3, span 4. */
    interface Service {
        int add(int a, int b);

        void block();

        Rich echo(Rich value);

        byte[] fill(byte[] bytes, int size);

        void span(Span span);
    }

    record Span(int from, int to) {
        Span {
            if (from > to) {
                throw new IllegalArgumentException("from " + from + " to " + to);
            }
        }
    }

    interface Steps {
        int down(int left);
    }

    @HostVisible
    interface Storage {
        byte[] read(String name);
    }

    /** Blocks where it is told to, and says when it was interrupted. */
    private static final class Implementation implements Service {
        final Semaphore entered = new Semaphore(0);
        final Semaphore interrupted = new Semaphore(0);
        final CountDownLatch go = new CountDownLatch(1);

        @Override
        public int add(int a, int b) {
            return Math.addExact(a, b);
        }

        @Override
        public void block() {
            entered.release();
            try {
                go.await();
            } catch (InterruptedException e) {
                interrupted.release();
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public Rich echo(Rich value) {
            return value;
        }

        @Override
        public byte[] fill(byte[] bytes, int size) {
            return new byte[size];
        }

        @Override
        public void span(Span span) {}
    }

    private static final Duration LONG = Duration.ofSeconds(50);

    private final Implementation implementation = new Implementation();
    private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private Link link;

    Link link() throws IOException {
        return new Link();
    }

    @BeforeEach
    void connect() throws IOException {
        link = link();
    }

    @AfterEach
    void disconnect() throws IOException {
        implementation.go.countDown();
        link.close();
        threads.close();
    }

    private CallPeer enclave(CallLimits limits) throws IOException {
        return link.far(Disclosure.TO_CLIENT)
                .limits(limits)
                .remote("the client")
                .failures(failures::add)
                .offer(Service.class, implementation)
                .start();
    }

    private CallPeer client(CallLimits limits) throws IOException {
        return link.near(Disclosure.TO_CLIENT).limits(limits).remote("the enclave").start();
    }

    private Service connected() throws IOException {
        enclave(CallLimits.DEFAULT);
        return client(CallLimits.DEFAULT).bind(Service.class, LONG);
    }

    private static CallLimits limits(int frame, int concurrent, int outstanding, long pending) {
        return new CallLimits(frame, concurrent, outstanding, pending);
    }

    private static CallException failure(Future<?> call) throws InterruptedException, ExecutionException {
        try {
            Object _ = call.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CallException failure) {
                return failure;
            }
            throw e;
        }
        throw new AssertionError("the call came to a result");
    }

    private static void assertFails(Code code, String message, Runnable call) {
        assertThatExceptionOfType(CallException.class).isThrownBy(call::run).satisfies(e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e).hasMessage(message);
        });
    }

    @Test
    void carriesArgumentsAndResults() throws IOException {
        Service service = connected();
        Rich rich = Samples.rich("für", Long.MIN_VALUE + 5, Math.PI);
        assertThat(service.echo(rich)).isEqualTo(rich);
        assertThat(service.add(40, 2)).isEqualTo(42);
        assertThat(service.fill(new byte[0], 3_000_000)).hasSize(3_000_000);
        service.span(new Span(1, 2));
    }

    @Test
    void thousandCallsEachWayWithNestedCallbacks() throws Exception {
        CallLimits wide = limits(1 << 16, 1 << 14, 1 << 14, 1 << 26);
        AtomicReference<Steps> atClient = new AtomicReference<>();
        AtomicReference<Steps> atEnclave = new AtomicReference<>();
        CallPeer client = link.near(Disclosure.TO_CLIENT)
                .limits(wide)
                .offer(Steps.class, left -> left == 0 ? 0 : 1 + atEnclave.get().down(left - 1))
                .start();
        CallPeer enclave = link.far(Disclosure.TO_CLIENT)
                .limits(wide)
                .offer(Steps.class, left -> left == 0 ? 0 : 1 + atClient.get().down(left - 1))
                .start();
        atEnclave.set(client.bind(Steps.class, LONG));
        atClient.set(enclave.bind(Steps.class, LONG));

        List<Future<Integer>> results = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            int depth = i % 8;
            results.add(threads.submit(() -> atEnclave.get().down(depth)));
            results.add(threads.submit(() -> atClient.get().down(depth)));
        }
        for (int i = 0; i < results.size(); i++) {
            assertThat(results.get(i).get()).isEqualTo(i / 2 % 8);
        }
    }

    @Test
    void answersComeInAnyOrder() throws Exception {
        Service service = connected();
        Future<?> blocked = threads.submit(service::block);
        implementation.entered.acquire();
        assertThat(service.add(1, 1)).isEqualTo(2);
        implementation.go.countDown();
        assertThat(blocked.get()).isNull();
    }

    @Test
    void methodsOfObjectAreThoseOfTheProxy() throws IOException {
        // Nobody is at the other end.
        CallPeer client = client(CallLimits.DEFAULT);
        Service service = client.bind(Service.class, LONG);
        assertThat(service).hasToString(Service.class.getName() + " of the enclave");
        assertThat(service.equals(service)).isTrue();
        assertThat(service.equals(client.bind(Service.class, LONG))).isFalse();
        assertThat(service.hashCode()).isEqualTo(service.hashCode());
        assertThat(link.nearWrote()).isEmpty();
    }

    @Test
    void refusesNullArgumentsBeforeAnythingIsSent() throws IOException {
        Service service = connected();
        int unused = service.add(1, 2);
        int sent = link.nearWrote().length;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> service.echo(nothing()))
                .withMessage("Service.echo(value) is null; null cannot be carried, use java.util.Optional");
        assertThat(link.nearWrote()).hasSize(sent);
        assertThat(service.add(unused, 2)).isEqualTo(5);
    }

    // Deadlines and cancellation.

    @Test
    void callThatIsNotAnsweredEndsAtItsDeadline() throws Exception {
        Service service = client(CallLimits.DEFAULT).bind(Service.class, Duration.ofSeconds(1));
        Future<?> silent = threads.submit(() -> {
            read(link.far);
            link.far.getOutputStream().write(Link.frame(cbor -> cbor.array(3).integer(2).integer(1).integer(0)));
            return null;
        });
        assertFails(
                Code.DEADLINE, "Service.block: no answer from the enclave before the deadline", service::block);
        Object _ = silent.get(10, TimeUnit.SECONDS);
    }

    @Test
    void callEndsAtItsDeadlineAndTheCalleeIsInterrupted() throws Exception {
        enclave(CallLimits.DEFAULT);
        Service service = client(CallLimits.DEFAULT).bind(Service.class, Duration.ofMillis(200));
        // Both ends keep the deadline, and either may be the first to say so.
        assertThatExceptionOfType(CallException.class).isThrownBy(service::block).satisfies(e -> {
            assertThat(e.code()).isEqualTo(Code.DEADLINE);
            assertThat(e.getMessage()).isIn(
                    "Service.block: no answer from the enclave before the deadline",
                    "Service.block: the enclave did not finish before the deadline");
        });
        assertThat(implementation.interrupted.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        assertThat(service.add(1, 2)).isEqualTo(3);
    }

    @Test
    void calleeKeepsTheDeadlineWithoutBeingTold() throws Exception {
        enclave(CallLimits.DEFAULT);
        link.send(Link.bind(1, Service.class));
        assertThat(link.receive()).isEqualTo(HexFormat.of().parseHex("83020100"));
        // The second has the earlier deadline.
        link.send(Link.request(2, 1, 86_400_000, cbor -> cbor.array(0)));
        link.send(Link.request(3, 1, 50, cbor -> cbor.array(0)));
        assertThat(link.receive()).as("failure of call 3, code DEADLINE").isEqualTo(HexFormat.of().parseHex("83040306"));
        assertThat(implementation.interrupted.availablePermits()).isEqualTo(1);
    }

    @Test
    void deadlineHoldsWhereTheOtherSideDoesNotRead() throws Exception {
        CallPeer client = client(limits(1 << 24, 8, 64, 1 << 24));
        Service service = client.bind(Service.class, Duration.ofMillis(500));
        // The other side answers the binding and then reads nothing: sockets and the queue fill up.
        Thread.ofVirtual().start(() -> {
            try {
                link.far.getInputStream().readNBytes(4);
                link.far.getOutputStream().write(Link.frame(cbor -> cbor.array(3).integer(2).integer(1).integer(0)));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        for (int i = 0; i < 4; i++) {
            assertFails(
                    Code.DEADLINE,
                    "Service.fill: no answer from the enclave before the deadline",
                    () -> service.fill(new byte[6 << 20], 0));
        }
        assertThat(client.closed()).isNotDone();
        client.close();
        assertThat(client.closed().get(10, TimeUnit.SECONDS)).hasMessage("this side closed the connection");
    }

    @Test
    void interruptOfTheCallerCancelsTheCall() throws Exception {
        Service service = connected();
        CompletableFuture<Boolean> interruptStatus = new CompletableFuture<>();
        CompletableFuture<CallException> thrown = new CompletableFuture<>();
        Thread caller = Thread.ofPlatform().start(() -> {
            try {
                service.block();
            } catch (CallException e) {
                thrown.complete(e);
                interruptStatus.complete(Thread.currentThread().isInterrupted());
            }
        });
        implementation.entered.acquire();
        caller.interrupt();
        assertThat(thrown.get().code()).isEqualTo(Code.CANCELLED);
        assertThat(interruptStatus.get()).isTrue();
        assertThat(implementation.interrupted.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"PT0S", "PT0.000999S", "PT24H0.001S", "-PT1S"})
    void refusesDeadlinesOutOfRange(Duration deadline) throws IOException {
        CallPeer client = client(CallLimits.DEFAULT);
        assertThatIllegalArgumentException().isThrownBy(() -> client.bind(Service.class, deadline));
    }

    // The end of the connection.

    @Test
    void endByTheOtherSideFailsAllThatWaitAtOnce() throws Exception {
        CallPeer enclave = enclave(CallLimits.DEFAULT);
        CallPeer client = client(CallLimits.DEFAULT);
        Service service = client.bind(Service.class, LONG);
        List<Future<?>> waiting = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            waiting.add(threads.submit(service::block));
        }
        implementation.entered.acquire(100);
        long before = System.nanoTime();
        enclave.close();
        for (Future<?> call : waiting) {
            CallException e = failure(call);
            assertThat(e.code()).isEqualTo(Code.DISCONNECTED);
            assertThat(e).hasMessage("Service.block: the enclave ended the connection");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
        assertThat(client.closed().get()).hasMessage("the enclave ended the connection");
        assertThat(enclave.closed().get()).hasMessage("this side closed the connection");
        assertThat(implementation.interrupted.tryAcquire(100, 10, TimeUnit.SECONDS)).isTrue();
        assertFails(Code.DISCONNECTED, "Service.add: the enclave ended the connection", () -> service.add(1, 2));
    }

    @Test
    void endByThisSideFailsAllThatWaitAtOnce() throws Exception {
        enclave(CallLimits.DEFAULT);
        CallPeer client = client(CallLimits.DEFAULT);
        Service service = client.bind(Service.class, LONG);
        Future<?> waiting = threads.submit(service::block);
        implementation.entered.acquire();
        client.close();
        assertThat(failure(waiting)).hasMessage("Service.block: this side closed the connection");
        assertThat(implementation.interrupted.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anEndThatReadsOnAThreadOfItsOwnIsAnsweredAndLeavesNoThreadBehind() throws Exception {
        enclave(CallLimits.DEFAULT);
        CallPeer client = link.near(Disclosure.TO_CLIENT).remote("the enclave").ownThread().start();
        Service service = client.bind(Service.class, LONG);
        assertThat(service.add(1, 2)).isEqualTo(3);
        List<Thread> readers = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("innerkeep-call-reader"))
                .toList();
        assertThat(readers).singleElement().satisfies(reader -> assertThat(reader.isDaemon()).isTrue());
        Future<?> waiting = threads.submit(service::block);
        implementation.entered.acquire();
        client.close();
        assertThat(failure(waiting)).hasMessage("Service.block: this side closed the connection");
        assertThat(readers.getFirst().join(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void streamThatEndsInsideAFrameIsABrokenConnection() throws Exception {
        CallPeer enclave = enclave(CallLimits.DEFAULT);
        link.near.getOutputStream().write(HexFormat.of().parseHex("000000108402"));
        link.near.shutdownOutput();
        assertThat(enclave.closed().get()).hasMessage("the client cannot be read from: the connection broke");
    }

    // Limits.

    @Test
    void answersBusyBeyondTheLimitAndRecovers() throws Exception {
        enclave(limits(1 << 16, 2, 1, 1 << 16));
        Service service = client(CallLimits.DEFAULT).bind(Service.class, LONG);
        List<Future<?>> blocked = List.of(threads.submit(service::block), threads.submit(service::block));
        implementation.entered.acquire(2);
        assertFails(
                Code.BUSY,
                "Service.add: the enclave carries out as many requests as it may; try again later",
                () -> service.add(1, 2));
        implementation.go.countDown();
        for (Future<?> call : blocked) {
            assertThat(call.get()).isNull();
        }
        // One after another never meets a place that is not free yet.
        for (int i = 0; i < 500; i++) {
            assertThat(service.add(i, 1)).isEqualTo(i + 1);
        }
    }

    @Test
    void answersBusyBeyondTheBytesOfAllRequests() throws Exception {
        enclave(limits(1 << 16, 10, 10, 1 << 16));
        Service service = client(CallLimits.DEFAULT).bind(Service.class, LONG);
        Future<?> blocked = threads.submit(service::block);
        implementation.entered.acquire();
        assertThatExceptionOfType(CallException.class)
                .isThrownBy(() -> service.fill(new byte[65_520], 0))
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.BUSY));
        assertThat(service.fill(new byte[60_000], 1)).hasSize(1);
        implementation.go.countDown();
        assertThat(blocked.get()).isNull();
        assertThat(service.fill(new byte[65_520], 1)).hasSize(1);
    }

    @Test
    void failsBusyBeyondTheOutstandingCalls() throws Exception {
        enclave(CallLimits.DEFAULT);
        Service service = client(limits(1 << 16, 1, 1, 1 << 16)).bind(Service.class, LONG);
        Future<?> blocked = threads.submit(service::block);
        implementation.entered.acquire();
        assertFails(
                Code.BUSY, "Service.add: 1 calls of this side wait already; try again later", () -> service.add(1, 2));
        implementation.go.countDown();
        assertThat(blocked.get()).isNull();
    }

    @Test
    void refusesWhatTakesMoreThanAFrame() throws Exception {
        CallLimits small = limits(1 << 16, 10, 10, 1 << 16);
        enclave(small);
        Service service = client(small).bind(Service.class, LONG);
        assertFails(
                Code.TOO_LARGE,
                "Service.fill: the arguments take more than a frame of 65536 bytes",
                () -> service.fill(new byte[1 << 16], 0));
        assertFails(
                Code.TOO_LARGE,
                "Service.fill: the enclave has a result that takes more than a frame, or than there is room beside answers not yet read",
                () -> service.fill(new byte[0], 1 << 16));
        assertThat(service.fill(new byte[0], 65_500)).hasSize(65_500);
    }

    @Test
    void onePeerThatDoesNotReadDoesNotHoldUpAnother() throws Exception {
        CallPeer stuck = enclave(CallLimits.DEFAULT);
        link.send(Link.bind(1, Service.class));
        for (int id = 2; id < 52; id++) {
            link.send(Link.request(id, 3, 60_000, cbor -> cbor.array(2).bytes(new byte[0]).integer(1 << 20)));
        }
        try (Link other = new Link()) {
            CallPeer enclave = other.far(Disclosure.TO_CLIENT).offer(Service.class, implementation).start();
            Service service = other.near(Disclosure.TO_CLIENT).start().bind(Service.class, LONG);
            for (int i = 0; i < 100; i++) {
                assertThat(service.add(i, i)).isEqualTo(2 * i);
            }
            assertThat(enclave.closed()).isNotDone();
        }
        assertThat(stuck.closed()).isNotDone();
        // Then it reads, and gets all answers.
        for (int i = 0; i < 51; i++) {
            assertThat(link.receive()[0]).isEqualTo((byte) 0x83);
        }
    }

    @Test
    void peerThatAsksAndNeverReadsIsDropped() throws Exception {
        CallPeer enclave = enclave(limits(1 << 10, 1, 1, 1 << 10));
        byte[] bind = Link.frame(Link.bind(1, Steps.class));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> {
            while (true) {
                link.near.getOutputStream().write(bind);
            }
        });
        assertThat(enclave.closed().get())
                .hasMessage("the client broke the protocol: frame: it asks and does not read the answers");
    }

    // Interfaces.

    @Test
    void interfaceThatIsNotOfferedIsNotCallable() throws IOException {
        enclave(CallLimits.DEFAULT);
        Steps steps = client(CallLimits.DEFAULT).bind(Steps.class, LONG);
        assertFails(Code.NOT_OFFERED, Steps.class.getName() + " is not offered by the enclave", () -> steps.down(1));
    }

    @Test
    void interfaceOfferedLaterIsCallableThen() throws IOException {
        CallPeer enclave = enclave(CallLimits.DEFAULT);
        Steps steps = client(CallLimits.DEFAULT).bind(Steps.class, LONG);
        assertThatExceptionOfType(CallException.class).isThrownBy(() -> steps.down(1));
        enclave.offer(Steps.class, left -> left - 1);
        assertThat(steps.down(1)).isZero();
        assertThatIllegalStateException().isThrownBy(() -> enclave.offer(Steps.class, left -> left));
    }

    @Test
    void differentSchemasOfOneNameAreNotCallable() throws Exception {
        Class<?> ours = greeter(ConstantDescs.CD_String);
        Class<?> theirs = greeter(ConstantDescs.CD_int);
        offerAny(link.far(Disclosure.TO_CLIENT), theirs).start();
        Object greeter = client(CallLimits.DEFAULT).bind(ours, LONG);
        Method greet = ours.getMethods()[0];
        assertThatExceptionOfType(InvocationTargetException.class)
                .isThrownBy(() -> greet.invoke(greeter, "x"))
                .withCauseInstanceOf(CallException.class)
                .satisfies(e -> assertThat(e.getCause())
                        .hasMessage("sample.Greeter has schema " + ServiceSchema.of(ours).digest().shortHex()
                                + " here and another at the enclave; build both from the same interface")
                        .extracting("code")
                        .isEqualTo(Code.SCHEMA_MISMATCH));
    }

    private static <T> CallPeer.Builder offerAny(CallPeer.Builder builder, Class<T> type) {
        return builder.offer(
                type, type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, _, _) -> "unused")));
    }

    /** Makes an interface {@code sample.Greeter} with a method {@code String greet(X)}. */
    private static Class<?> greeter(ClassDesc parameter) {
        ClassDesc name = ClassDesc.of("sample.Greeter");
        byte[] bytes = ClassFile.of().build(name, type -> type.withFlags(
                        AccessFlag.PUBLIC, AccessFlag.INTERFACE, AccessFlag.ABSTRACT)
                .withMethod(
                        "greet",
                        MethodTypeDesc.of(ConstantDescs.CD_String, parameter),
                        ClassFile.ACC_PUBLIC | ClassFile.ACC_ABSTRACT,
                        _ -> {}));
        return new ClassLoader(CallPeerTest.class.getClassLoader()) {
            Class<?> define() {
                return defineClass("sample.Greeter", bytes, 0, bytes.length);
            }
        }.define();
    }

    @Test
    void hostSeesOnlyInterfacesMarkedForIt() throws IOException {
        CallPeer enclave = link.far(Disclosure.TO_HOST).remote("the host").start();
        String message =
                Service.class.getName() + " is not marked @HostVisible; mark it if the host may see all that it carries";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> enclave.offer(Service.class, implementation))
                .withMessage(message);
        assertThatIllegalArgumentException().isThrownBy(() -> enclave.bind(Service.class, LONG)).withMessage(message);
        enclave.offer(Storage.class, _ -> new byte[0]);
        assertThat(enclave.bind(Storage.class, LONG)).isNotNull();
    }

    // Hostile frames.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    length zero                     | 00000000
                    length beyond the limit         | 01000001
                    length of two gigabytes         | 80000000
                    no array                        | 0000000100
                    unknown kind                    | 00000003820601
                    wrong number of items           | 00000003820001
                    id zero                         | 00000003820500
                    answer to a call never made     | 0000000483020100
                    bytes after a frame             | 000000048205010f
                    number in a longer form         | 00000004825801ff
                    interface that was not opened   | 0000000786010100000180
                    """)
    void malformedFrameEndsTheConnection(String rule, String hex) throws Exception {
        CallPeer enclave = enclave(CallLimits.DEFAULT);
        link.near.getOutputStream().write(HexFormat.of().parseHex(hex));
        CallException reason = enclave.closed().get(10, TimeUnit.SECONDS);
        assertThat(reason).as(rule).hasMessageStartingWith("the client broke the protocol: ");
        assertThat(reason).hasCauseInstanceOf(MalformedException.class);
        assertThat(link.receive()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"5, 1000", "-1, 1000", "0, 0", "0, 86400001"})
    void requestOutOfRangeEndsTheConnection(int method, long deadline) throws Exception {
        CallPeer enclave = enclave(CallLimits.DEFAULT);
        link.send(Link.bind(1, Service.class));
        link.send(Link.request(2, method, deadline, cbor -> cbor.array(0)));
        assertThat(enclave.closed().get()).hasMessageStartingWith("the client broke the protocol: request.");
    }

    @Test
    void idInUseEndsTheConnection() throws Exception {
        CallPeer enclave = enclave(CallLimits.DEFAULT);
        link.send(Link.bind(1, Service.class));
        link.send(Link.request(2, 1, 1000, cbor -> cbor.array(0)));
        link.send(Link.request(2, 1, 1000, cbor -> cbor.array(0)));
        assertThat(enclave.closed().get()).hasMessageContaining("the id of a request that is being carried out");
    }

    @Test
    void argumentsThatDoNotFitFailTheirCallOnly() throws Exception {
        enclave(CallLimits.DEFAULT);
        link.send(Link.bind(1, Service.class));
        link.receive();
        List<CborWriter> bad = List.of(
                new CborWriter().array(0),
                new CborWriter().array(1).array(2).integer(2).integer(1),
                new CborWriter().array(1).array(2).integer(1).integer(2).integer(0));
        int id = 2;
        for (CborWriter arguments : bad) {
            link.send(Link.request(id, 4, 10_000, cbor -> cbor.raw(arguments.toByteArray())));
            assertThat(link.receive()).as("code MALFORMED").isEqualTo(HexFormat.of().parseHex("83040" + id + "04"));
            assertThat(failures.take()).isInstanceOf(MalformedException.class).hasMessageNotContaining("from 2");
            id++;
        }
        link.send(Link.request(id, 4, 10_000, cbor -> cbor.array(1).array(2).integer(1).integer(2)));
        assertThat(link.receive()).isEqualTo(HexFormat.of().parseHex("83020" + id + "f6"));
    }

    @ParameterizedTest
    @CsvSource({
        "83 02 02 61 61, result of another type",
        "83 02 02 1a 80 00 00 00, result out of range",
        "83 04 02 18 63, unknown code",
        "84 03 02 00 f6, exception that is not declared",
    })
    void malformedAnswerFailsItsCallOnly(String hex, String rule) throws Exception {
        CallPeer client = client(CallLimits.DEFAULT);
        Service service = client.bind(Service.class, LONG);
        byte[] answer = HexFormat.of().parseHex(hex.replace(" ", ""));
        Thread.ofVirtual().start(() -> {
            try {
                CborReader bind = new CborReader(read(link.far));
                assertThat(bind.array("frame", 4, 4)).isEqualTo(4);
                link.far.getOutputStream().write(Link.frame(cbor -> cbor.array(3).integer(2).integer(1).integer(0)));
                read(link.far);
                link.far.getOutputStream().write(Link.frame(cbor -> cbor.raw(answer)));
            } catch (IOException | MalformedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThatExceptionOfType(CallException.class)
                .as(rule)
                .isThrownBy(() -> service.add(1, 2))
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.MALFORMED));
        assertThat(client.closed()).isNotDone();
    }

    private static byte[] read(java.net.Socket socket) throws IOException {
        byte[] length = socket.getInputStream().readNBytes(4);
        return socket.getInputStream().readNBytes(java.nio.ByteBuffer.wrap(length).getInt());
    }

    @Test
    void lateAnswersAndCancellationsAreIgnored() throws Exception {
        CallPeer enclave = enclave(CallLimits.DEFAULT);
        CallPeer client = client(CallLimits.DEFAULT);
        Service quick = client.bind(Service.class, Duration.ofMillis(50));
        Service service = client.bind(Service.class, LONG);
        assertThat(service.add(1, 2)).isEqualTo(3);
        assertThatExceptionOfType(CallException.class).isThrownBy(quick::block);
        link.near.getOutputStream().write(Link.frame(cbor -> cbor.array(2).integer(5).integer(77)));
        implementation.go.countDown();
        assertThat(service.add(1, 2)).isEqualTo(3);
        assertThat(client.closed()).isNotDone();
        assertThat(enclave.closed()).isNotDone();
    }

    /** A null where none belongs; what a program without null checks may pass. */
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T nothing() {
        return null;
    }
}
