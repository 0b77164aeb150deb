package org.innerkeep.attestation.attester;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.innerkeep.evidence.Bytes;

/** What Gramine shows to an enclave. */
public final class FakeGramine implements DeviceFiles.Device {
    private final UnaryOperator<Bytes> quotes;
    private Bytes reportData = Bytes.of(new byte[64]);
    private String type = "dcap";
    private boolean present = true;

    /** A device that quotes. */
    public FakeGramine(UnaryOperator<Bytes> quotes) {
        this.quotes = quotes;
    }

    /** What {@code attestation_type} holds. */
    public FakeGramine type(String other) {
        type = other;
        return this;
    }

    /** Outside an enclave. */
    public FakeGramine absent() {
        present = false;
        return this;
    }

    @Override
    public boolean exists(String path) {
        return present;
    }

    @Override
    public Bytes read(String path) throws IOException {
        return switch (path) {
            case "/attestation_type" -> Bytes.of(type.getBytes(StandardCharsets.US_ASCII));
            case "/quote" -> quotes.apply(reportData);
            default -> throw new NoSuchFileException(path);
        };
    }

    @Override
    public void write(String path, Bytes content) throws IOException {
        if (!path.equals("/user_report_data") || content.length() > 64) {
            throw new IOException(path + ": Permission denied");
        }
        reportData = Bytes.of(Arrays.copyOf(content.toArray(), 64));
    }
}
