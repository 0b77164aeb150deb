package org.innerkeep.attestation.http;

import io.helidon.common.socket.SocketOptions;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The options of accepted connections; whoever sets them learns of each connection first. */
final class WatchedSockets implements SocketOptions {
    private final SocketOptions options;
    private final ConnectionWatch watch;

    WatchedSockets(SocketOptions options, ConnectionWatch watch) {
        this.options = options;
        this.watch = watch;
    }

    @Override
    public void configureSocket(SocketChannel channel) {
        watch.accepted(channel);
        options.configureSocket(channel);
    }

    @Override
    public Map<SocketOption<?>, Object> socketOptions() {
        return options.socketOptions();
    }

    @Override
    public Duration connectTimeout() {
        return options.connectTimeout();
    }

    @Override
    public Duration readTimeout() {
        return options.readTimeout();
    }

    @Override
    public Optional<Integer> socketReceiveBufferSize() {
        return options.socketReceiveBufferSize();
    }

    @Override
    public Optional<Integer> socketSendBufferSize() {
        return options.socketSendBufferSize();
    }

    @Override
    public boolean socketReuseAddress() {
        return options.socketReuseAddress();
    }

    @Override
    public boolean socketKeepAlive() {
        return options.socketKeepAlive();
    }

    @Override
    public boolean tcpNoDelay() {
        return options.tcpNoDelay();
    }
}
