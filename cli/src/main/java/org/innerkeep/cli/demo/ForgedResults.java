package org.innerkeep.cli.demo;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.cli.demo.World.HospitalSide;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.examples.hospitals.Estimate;
import org.innerkeep.examples.hospitals.Result;

/**
 * The operator hands one hospital another result than the enclave's, beside the enclave's true statement. Anybody can seal to
 * a recipient that the job names; the true model it has from another hospital that helps it.
 */
final class ForgedResults {
    private static final String NO_CONTROL = "THE CONTROL FAILED: ";

    private final World world;
    private final Path job;
    private final SecureRandom random = new SecureRandom();

    ForgedResults(World world, Path job) {
        this.world = world;
        this.job = job;
    }

    /** The true model with figures that no enclave computed. */
    String inventedFigures() throws IOException, MalformedException {
        Result others = Codec.of(Result.class).decode(resultOf(world.hospitals().getLast()));
        byte[] salt = new byte[Result.SALT_BYTES];
        random.nextBytes(salt);
        Estimate perfect = new Estimate(0.999, 0.998, 1);
        Result invented = new Result(
                salt,
                others.model(),
                others.columns(),
                others.trainedOn(),
                others.heldOut(),
                perfect,
                Optional.of(new Result.Own(new Estimate(0.5, 0.4, 0.6), perfect)));
        return receive(sealed(Codec.of(Result.class).encode(invented)));
    }

    /** What the enclave gave another hospital, sealed anew. */
    String anothersResult() throws IOException {
        return receive(sealed(resultOf(world.hospitals().getLast())));
    }

    private byte[] resultOf(HospitalSide hospital) throws IOException {
        Path folder = world.stage().folder(hospital.party());
        List<Identity> identities;
        try (InputStream in = Files.newInputStream(folder.resolve("identity.age"))) {
            identities = Identity.readFile(in);
        }
        byte[] sealed = Files.readAllBytes(stored(hospital, "result.age"));
        try (InputStream in = SealedFile.unseal(new ByteArrayInputStream(sealed), identities)) {
            return in.readAllBytes();
        } finally {
            identities.forEach(Identity::close);
        }
    }

    private byte[] sealed(byte[] result) throws IOException {
        Recipient victim = Recipient.parse(world.hospitals().getFirst().recipient());
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try (OutputStream out = SealedFile.seal(sealed, List.of(victim), random)) {
            out.write(result);
        }
        return sealed.toByteArray();
    }

    private String receive(byte[] forged) throws IOException {
        HospitalSide victim = world.hospitals().getFirst();
        String truth = receive(victim, Files.readAllBytes(stored(victim, "result.age")));
        return truth.equals(Attacks.ACCEPTED) ? receive(victim, forged) : NO_CONTROL + truth;
    }

    private String receive(HospitalSide victim, byte[] sealed) throws IOException {
        Path result = world.stage().put(victim.party(), "handed-over.age", sealed);
        Path statement = world.stage()
                .put(victim.party(), "handed-over.statement", Files.readAllBytes(stored(victim, "result.statement")));
        try (Child client = world.hospital(
                victim, "receive", job, "--result", result.toString(), "--statement", statement.toString())) {
            return Attacks.codes(client, "done");
        } finally {
            Files.delete(result);
            Files.delete(statement);
        }
    }

    private Path stored(HospitalSide hospital, String name) {
        return world.storage().resolve("results").resolve(hospital.name()).resolve(name);
    }
}
