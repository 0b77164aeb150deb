package org.innerkeep.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.innerkeep.cli.demo.World.HospitalSide;

/**
 * The same job once more, with nobody there: the enclave asks the hospitals' vaults for the keys of their files. Then the enclave
 * is started again and does it again.
 */
final class VaultRun implements AutoCloseable {
    /** A header of a sealed file, a transport key and an encapsulation have more than this. */
    private static final long LEAST_BYTES = 4000;

    private final World world;
    private final Path job;
    private final Child operator;
    private final Map<HospitalSide, String> models = new LinkedHashMap<>();

    private VaultRun(World world, Path job, Child operator) {
        this.world = world;
        this.job = job;
        this.operator = operator;
    }

    /** The operator starts the enclave anew; the hospitals check what comes out of it. */
    static VaultRun play(World world, Path job, Path record, Steps steps) throws Exception {
        VaultRun run = steps.timed("the enclave gets the keys from the vaults, with nobody there, and trains", () -> {
            long before = Files.size(record);
            Child operator = world.operateWithVaults(job, world.storage(), "--record", record.toString());
            finish(operator);
            if (Files.size(record) < before + world.hospitals().size() * LEAST_BYTES) {
                throw new IOException("what went to the vaults was not recorded, so searching it would prove nothing");
            }
            return new VaultRun(world, job, operator);
        });
        steps.timed("each hospital opens that result and verifies the statement", () -> {
            Map<HospitalSide, Child> clients = new LinkedHashMap<>();
            for (HospitalSide hospital : world.hospitals()) {
                clients.put(hospital, run.receive(hospital));
            }
            clients.forEach((hospital, client) -> {
                run.models.put(hospital, client.require("model"));
                client.require("done");
            });
            return run.models;
        });
        return run;
    }

    private static void finish(Child operator) {
        operator.require("ready");
        operator.tell("obtain");
        operator.require("obtained");
        operator.tell("train");
        operator.require("trained");
    }

    /** The result is the hospital's to fetch from the operator. */
    private Child receive(HospitalSide hospital) throws IOException {
        Path stored = world.storage().resolve("results").resolve(hospital.name());
        Path result = world.stage().put(hospital.party(), "fetched.age", Files.readAllBytes(stored.resolve("result.age")));
        Path statement =
                world.stage().put(hospital.party(), "fetched.statement", Files.readAllBytes(stored.resolve("result.statement")));
        return world.hospital(hospital, "receive", job, "--result", result.toString(), "--statement", statement.toString());
    }

    /** Ends enclave and host, and starts them again. */
    void again(Steps steps) throws Exception {
        close();
        steps.timed("the enclave is started again, and does the job again by itself", () -> {
            try (Child next = world.operateWithVaults(job, world.newStorage())) {
                finish(next);
                return true;
            }
        });
    }

    /** SHA-256 of the model that each hospital got. */
    Map<HospitalSide, String> models() {
        return models;
    }

    long operatorPid() {
        return operator.pid();
    }

    @Override
    public void close() {
        operator.close();
    }
}
