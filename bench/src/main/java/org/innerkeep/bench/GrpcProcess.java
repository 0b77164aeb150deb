package org.innerkeep.bench;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

/** The peer of typed calls: a gRPC server at a Unix-domain socket that gives back what it gets. Ends when its standard input does. */
public final class GrpcProcess {
    private GrpcProcess() {}

    /**
     * Listens.
     *
     * @param arguments the socket's path
     * @throws Exception if listening fails
     */
    public static void main(String[] arguments) throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory());
        // Answers are made by the thread that reads: one hand-off less, which is what gRPC advises where nothing blocks.
        Server server = NettyServerBuilder.forAddress(new DomainSocketAddress(arguments[0]))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .directExecutor()
                .addService(ServerServiceDefinition.builder(GrpcMethods.SERVICE)
                        .addMethod(GrpcMethods.BYTES, ServerCalls.asyncUnaryCall(GrpcProcess::echo))
                        .addMethod(GrpcMethods.READING, ServerCalls.asyncUnaryCall(GrpcProcess::echo))
                        .build())
                .build()
                .start();
        System.out.println("ready");
        EchoProcess.untilInputEnds();
        server.shutdownNow();
        var _ = loops.shutdownGracefully();
    }

    private static <T> void echo(T request, StreamObserver<T> response) {
        response.onNext(request);
        response.onCompleted();
    }
}
