package org.innerkeep.inside;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;

/** The service with settings of the test's: a bundle has them in a jar. */
public final class ServedProgram implements EnclaveProgram {
    /** By the product id of the enclave: mock enclaves of one JVM share its classes. */
    static final Map<Long, ServiceConfiguration> SETTINGS = new ConcurrentHashMap<>();

    private static final byte[] SECRETS = secrets();

    /** Once: of its keys, the one for RSA takes a while. */
    private static byte[] secrets() {
        try (Secrets made = Secrets.make(new SecureRandom())) {
            return made.encode();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Made by the runtime. */
    public ServedProgram() {
        // Nothing to prepare.
    }

    @Override
    public void start(EnclaveContext enclave) throws IOException {
        ServiceConfiguration settings =
                SETTINGS.getOrDefault(enclave.identity().productId(), ServiceConfiguration.of(Map.of()));
        ServiceEnclave.start(
                enclave,
                new MeasuredSettings.Read(settings, MeasuredSettings.digest(settings, Collections.emptySortedMap())),
                freePort(),
                SECRETS::clone);
    }
}
