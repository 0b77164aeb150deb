package org.innerkeep.examples.hospitals.outside;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.innerkeep.channel.release.NotCarriedException;
import org.innerkeep.channel.release.VaultCarrier;

/** The operator's own tap: keeps a copy of every byte between enclave and vaults. */
final class RecordingCarrier implements VaultCarrier {
    private final VaultCarrier carrier;
    private final OutputStream copy;

    private RecordingCarrier(VaultCarrier carrier, OutputStream copy) {
        this.carrier = carrier;
        this.copy = copy;
    }

    /** Stays open for as long as the process lives. */
    static RecordingCarrier before(VaultCarrier carrier, Path record) throws IOException {
        return new RecordingCarrier(carrier, Files.newOutputStream(record, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    private byte[] kept(byte[] bytes) {
        synchronized (copy) {
            try {
                copy.write(bytes);
                copy.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return bytes;
    }

    private Answer kept(Answer answer) {
        byte[] _ = kept(answer.body());
        return answer;
    }

    @Override
    public Answer challenge(String vault) throws NotCarriedException {
        return kept(carrier.challenge(vault));
    }

    @Override
    public Answer release(String vault, String key, byte[] call) throws NotCarriedException {
        return kept(carrier.release(vault, key, kept(call)));
    }

    @Override
    public Answer register(String vault, String key, byte[] call) throws NotCarriedException {
        return kept(carrier.register(vault, key, kept(call)));
    }

    @Override
    public InputStream file(String name) throws NotCarriedException {
        return carrier.file(name);
    }
}
