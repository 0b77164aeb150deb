package org.innerkeep.bench;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import org.innerkeep.bench.inside.Reading;

/** One gRPC channel over a Unix-domain socket to a server in another JVM. */
final class GrpcLine implements Line {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory());
    private final ManagedChannel channel;

    private GrpcLine(String path) {
        channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(path))
                .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
                .eventLoopGroup(loops)
                .directExecutor()
                .usePlaintext()
                .build();
    }

    static GrpcLine connect(String path) {
        return new GrpcLine(path);
    }

    @Override
    public byte[] echo(byte[] message) {
        return ClientCalls.blockingUnaryCall(channel, GrpcMethods.BYTES, CallOptions.DEFAULT, message);
    }

    @Override
    public Reading echo(Reading reading) {
        return ClientCalls.blockingUnaryCall(channel, GrpcMethods.READING, CallOptions.DEFAULT, reading);
    }

    @Override
    public double outstanding(byte[] message, int calls, long millis) throws Exception {
        long begin = System.nanoTime();
        long until = begin + millis * 1_000_000;
        LongAdder answered = new LongAdder();
        CountDownLatch ended = new CountDownLatch(calls);
        CompletableFuture<Void> failure = new CompletableFuture<>();
        for (int i = 0; i < calls; i++) {
            next(new Observer(message, until, answered, ended, failure));
        }
        ended.await();
        if (failure.isDone()) {
            failure.get();
        }
        return answered.sum() * 1e9 / (System.nanoTime() - begin);
    }

    private void next(Observer observer) {
        ClientCalls.asyncUnaryCall(
                channel.newCall(GrpcMethods.BYTES, CallOptions.DEFAULT), observer.message, observer);
    }

    /** Calls again when its call is answered. */
    private final class Observer implements StreamObserver<byte[]> {
        private final byte[] message;
        private final long until;
        private final LongAdder answered;
        private final CountDownLatch ended;
        private final CompletableFuture<Void> failure;

        Observer(byte[] message, long until, LongAdder answered, CountDownLatch ended, CompletableFuture<Void> failure) {
            this.message = message;
            this.until = until;
            this.answered = answered;
            this.ended = ended;
            this.failure = failure;
        }

        @Override
        public void onNext(byte[] answer) {
            Message.checked(message, answer);
            answered.increment();
        }

        @Override
        public void onError(Throwable problem) {
            failure.completeExceptionally(problem);
            ended.countDown();
        }

        @Override
        public void onCompleted() {
            if (System.nanoTime() < until) {
                next(this);
            } else {
                ended.countDown();
            }
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        var _ = loops.shutdownGracefully();
    }
}
