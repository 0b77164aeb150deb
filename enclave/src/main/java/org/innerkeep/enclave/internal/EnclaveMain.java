package org.innerkeep.enclave.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.innerkeep.channel.keeper.Boundary;
import org.innerkeep.channel.keeper.PlatformService.Launch;
import org.innerkeep.channel.linux.Machine;
import org.innerkeep.evidence.keeper.Confinement;

/**
 * Starts inside every enclave. Reads the token for the keeper from standard input, which the keeper alone writes to, and
 * keeps watching that input: when it ends, the keeper has ended, and so does the enclave.
 */
public final class EnclaveMain {
    /** What the process exits with when its keeper has ended. */
    private static final int KEEPER_ENDED = 70;

    /** What the process exits with when it could not give up its rights. */
    private static final int NOT_CONFINED = 71;

    private EnclaveMain() {}

    /**
     * Runs the enclave until its keeper or host ends it.
     *
     * @param arguments none
     * @throws IOException if the keeper or the boundary cannot be reached
     */
    public static void main(String[] arguments) throws IOException {
        InputStream input = System.in;
        byte[] token = input.readNBytes(Boundary.TOKEN_BYTES);
        if (token.length != Boundary.TOKEN_BYTES) {
            throw new IOException("standard input ended before the token was read: enclaves are started by a keeper");
        }
        Thread.ofPlatform().daemon().name("keeper watch").start(() -> watch(input));
        // What a program prints would leave the enclave; the keeper discards it as well.
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        System.setOut(nowhere);
        Runnable end = () -> Runtime.getRuntime().halt(0);
        SecureRandom random = new SecureRandom();
        try (EnclaveRuntime runtime = new EnclaveRuntime(
                EnclaveRuntime.connect(token, random), Path.of(""), end, random)) {
            runtime.run(EnclaveMain::confine);
        }
    }

    /** Whatever goes wrong here, no other thread may go on. */
    private static void confine(Launch launch) {
        try {
            Lockdown.apply(Machine.current(), Confinement.ofBits(launch.confinement()), launch.ownNetwork());
        } catch (Throwable e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(NOT_CONFINED);
        }
    }

    private static void watch(InputStream input) {
        try {
            // The keeper writes nothing more, so anything but waiting is the end.
            int unused = input.read();
        } catch (IOException e) {
            // As good as the end.
        }
        Runtime.getRuntime().halt(KEEPER_ENDED);
    }
}
