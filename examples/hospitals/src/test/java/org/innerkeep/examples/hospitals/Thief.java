package org.innerkeep.examples.hospitals;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.examples.hospitals.RefusedException.Reason;
import org.jspecify.annotations.Nullable;

/** Other code: shows the job that it was given and tells the operator whatever key somebody releases to it. */
public final class Thief implements EnclaveProgram, Operator, Training {
    private final Identity identity = Identity.generate(new SecureRandom());
    private final List<String> stolen = new ArrayList<>();
    private byte @Nullable [] job;

    @Override
    public void start(EnclaveContext enclave) {
        enclave.offerToHost(Operator.class, this);
        enclave.offerToClients(Training.class, this);
    }

    @Override
    public synchronized Answer agree(byte[] bytes) {
        job = bytes;
        return new Answer.Done();
    }

    @Override
    public Answer input(String owner, byte[] sealed) {
        return new Answer.Done();
    }

    @Override
    public synchronized Status status() {
        return new Status(stolen, false);
    }

    @Override
    public Answer obtain() {
        return new Answer.Done();
    }

    @Override
    public Answer train() {
        return new Answer.Refused(Reason.OWNERS_MISSING);
    }

    @Override
    public synchronized Optional<byte[]> job() {
        return Optional.ofNullable(job);
    }

    @Override
    public String recipient() {
        return identity.recipient().toString();
    }

    @Override
    public synchronized int release(Release release) {
        try (FileKey key = release.fileKey(identity)) {
            stolen.add(release.owner() + " " + HexFormat.of().formatHex(key.exposeSecretBytes()));
            return 100;
        } catch (SealedFileException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Optional<SealedResult> result(String recipient) {
        return Optional.empty();
    }
}
