package org.innerkeep.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.cli.demo.World.HospitalSide;

/** The main job: the operator starts the enclave, the hospitals release, the enclave trains, the hospitals check. */
final class MainJob implements AutoCloseable {
    /**
     * The area under the ROC curve with its 95 % confidence interval.
     *
     * @param auc the area
     * @param low where the interval begins
     * @param high where it ends
     */
    record Area(double auc, double low, double high) {
        static Area parse(String text) {
            String[] parts = text.split(" ", 3);
            return new Area(Double.parseDouble(parts[0]), Double.parseDouble(parts[1]), Double.parseDouble(parts[2]));
        }
    }

    /**
     * What one hospital got.
     *
     * @param model SHA-256 of the model
     * @param pooled quality of the common model
     * @param alone quality of a model of its own records alone
     * @param gain by how much the common model is better
     * @param records how many records it gave
     */
    record Got(String model, Area pooled, Area alone, Area gain, int records) {}

    private static final String RELEASES = "each hospital verifies the enclave and the job, and releases its key";
    private static final String TRAINS = "the enclave trains and seals the results";
    private static final String OPENS = "each hospital opens its result and verifies the statement";

    /** The steps from the first connection to the last verified result. */
    static final List<String> STEPS = List.of(RELEASES, TRAINS, OPENS);

    private final World world;
    private final Path job;
    private final Child operator;
    private final String address;
    private final Map<HospitalSide, Got> results = new LinkedHashMap<>();
    private int trainedOn;
    private int heldOut;

    private MainJob(World world, Path job, Child operator, String address) {
        this.world = world;
        this.job = job;
        this.operator = operator;
        this.address = address;
    }

    /** Starts the operator's program with the agreed bundle and job. */
    static MainJob start(World world, Path job, Path record) throws IOException {
        Child operator = world.operate(
                world.bundle(World.Bundle.AGREED),
                job,
                world.storage(),
                world.keeperSocket(),
                Map.of(),
                "--record",
                record.toString());
        String address = operator.require("listening");
        operator.require("ready");
        return new MainJob(world, job, operator, address);
    }

    /** Every hospital verifies and releases; then the enclave trains; then every hospital has its result. */
    void run(Steps steps) throws Exception {
        List<Child> clients = new ArrayList<>();
        Map<HospitalSide, Integer> records = new LinkedHashMap<>();
        steps.timed(RELEASES, () -> {
            for (HospitalSide hospital : world.hospitals()) {
                clients.add(world.release(hospital, hospital.name(), job, world.anchor(), address));
            }
            for (int i = 0; i < clients.size(); i++) {
                HospitalSide hospital = world.hospitals().get(i);
                String released = clients.get(i).require("released");
                records.put(hospital, Integer.valueOf(released.substring(released.lastIndexOf(' ') + 1)));
            }
            return records;
        });
        steps.timed(TRAINS, () -> {
            operator.tell("train");
            return operator.require("trained");
        });
        steps.timed(OPENS, () -> {
            for (int i = 0; i < clients.size(); i++) {
                HospitalSide hospital = world.hospitals().get(i);
                Child client = clients.get(i);
                String model = client.require("model");
                Area pooled = Area.parse(client.require("pooled"));
                Area alone = Area.parse(client.require("alone"));
                Area gain = Area.parse(client.require("gain"));
                trainedOn = Integer.parseInt(client.require("trained-on"));
                heldOut = Integer.parseInt(client.require("held-out"));
                client.require("done");
                results.put(hospital, new Got(model, pooled, alone, gain, records.getOrDefault(hospital, 0)));
            }
            return results;
        });
        steps.timed("each hospital verifies the kept statement offline", () -> {
            for (HospitalSide hospital : world.hospitals()) {
                world.verify(hospital, job).require("statement verified");
            }
            return true;
        });
    }

    Map<HospitalSide, Got> results() {
        return results;
    }

    int trainedOn() {
        return trainedOn;
    }

    int heldOut() {
        return heldOut;
    }

    long operatorPid() {
        return operator.pid();
    }

    String address() {
        return address;
    }

    @Override
    public void close() {
        operator.close();
    }
}
