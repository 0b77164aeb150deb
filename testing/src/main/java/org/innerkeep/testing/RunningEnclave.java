package org.innerkeep.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.host.Enclave;

/** An enclave under test, with its host. Safe for use by several threads. */
public final class RunningEnclave implements AutoCloseable {
    /** How it runs. */
    public enum Mode {
        /** In the JVM of the test, on a mock platform. */
        MOCK,
        /** The packed bundle, as a process of its own, started by a real keeper. */
        PROCESS
    }

    private final Enclave host;
    private final Trust trust;
    private final KeeperAnchor anchor;
    private final Mode mode;
    private final InetSocketAddress address;
    private final AutoCloseable platform;

    RunningEnclave(Enclave host, Trust trust, KeeperAnchor anchor, Mode mode, AutoCloseable platform) throws IOException {
        this.host = host;
        this.trust = trust;
        this.anchor = anchor;
        this.mode = mode;
        this.platform = platform;
        this.address = host.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /** {@return how it runs} */
    public Mode mode() {
        return mode;
    }

    /** {@return its host: what it offers to hosts is bound here} */
    public Enclave host() {
        return host;
    }

    /** {@return where its host listens for clients, on the loopback address} */
    public InetSocketAddress address() {
        return address;
    }

    /** {@return trust in exactly this enclave; narrow it, or make another from {@link #anchor}, to test refusals} */
    public Trust trust() {
        return trust;
    }

    /** {@return what vouches for it} */
    public KeeperAnchor anchor() {
        return anchor;
    }

    /**
     * Connects as a client that trusts exactly this enclave.
     *
     * @return the attested session
     * @throws IOException if it fails
     */
    public Client connect() throws IOException {
        return connect(trust);
    }

    /**
     * Connects as a client.
     *
     * @param other what it trusts
     * @return the attested session
     * @throws org.innerkeep.channel.session.SessionRefusedException if it does not trust this enclave
     * @throws IOException if the connection fails
     */
    public Client connect(Trust other) throws IOException {
        return Client.connect(address, other);
    }

    /** Ends host and enclave. */
    @Override
    public void close() throws IOException {
        host.close();
        try {
            platform.close();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the platform under test could not be closed", e);
        }
    }
}
