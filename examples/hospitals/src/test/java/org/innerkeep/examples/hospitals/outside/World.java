package org.innerkeep.examples.hospitals.outside;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobCode;
import org.innerkeep.channel.job.JobDraft;
import org.innerkeep.channel.job.JobParameter;
import org.innerkeep.client.Trust;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.examples.hospitals.Plain;
import org.innerkeep.examples.hospitals.Thief;
import org.innerkeep.examples.hospitals.Wisconsin;
import org.innerkeep.testing.MockEnclaves;
import org.innerkeep.testing.MockIdentity;
import org.innerkeep.testing.MockPlatform;
import org.innerkeep.testing.hostile.Build;
import org.innerkeep.testing.hostile.HostedEnclave;

/** Three hospitals, their job with small models, and the machines. Made once, used by all runs: nothing in it changes. */
final class World {
    static final MockIdentity AGREED = MockIdentity.DEFAULT.withSecurityVersion(2);

    final Map<String, Owner> owners = new TreeMap<>();
    final Owner intruder;
    final Job job;
    final Job lastMonthsJob;
    final byte[] model;
    private Map<String, byte[]> lastMonthsResults = Map.of();
    private final MockPlatform machine = new MockPlatform();
    private final MockPlatform behind = new MockPlatform(Clock.offset(Clock.systemUTC(), Duration.ofHours(-1)));
    private final MockPlatform ahead = new MockPlatform(Clock.offset(Clock.systemUTC(), Duration.ofHours(1)));
    private final MockPlatform strange = new MockPlatform();
    private final List<byte[]> secrets = new ArrayList<>();

    World() throws Exception {
        Map<String, String> files = Plain.hospitals();
        JobDraft draft = Wisconsin.draft(new JobCode(
                        AGREED.signerId(),
                        AGREED.productId(),
                        AGREED.securityVersion(),
                        List.of(),
                        List.of(AGREED.measurement())))
                .parameter("rounds", JobParameter.number("4"));
        for (Map.Entry<String, String> file : files.entrySet()) {
            Owner owner = Owner.of(file.getKey(), file.getValue());
            owners.put(owner.name(), owner);
            draft.owner(owner.asOwner());
            draft.recipient(owner.asRecipient());
        }
        job = draft.toJob();
        lastMonthsJob = new JobDraft(job).parameter("rounds", JobParameter.number("3")).toJob();
        model = Plain.model(job, files);
        intruder = Owner.of("operator", invented(files.values().iterator().next()));
        files.values().forEach(this::rows);
        owners.values().forEach(owner -> secrets.add(owner.fileKey()));
        owners.values().forEach(owner -> secrets.add(last(owner.key().getPrivate().getEncoded(), 32)));
        partsOfTheModel();
        lastMonthsResults = JobScenario.lastMonth(this);
    }

    /** Of another job of the same hospitals, honestly done: the operator still has them. Empty before it was done. */
    Map<String, byte[]> lastMonthsResults() {
        return lastMonthsResults;
    }

    private void rows(String file) {
        // A piece of each row: what a row begins with is as long as several numbers.
        file.lines().skip(1).forEach(row -> secrets.add(row.substring(0, 30).getBytes(StandardCharsets.US_ASCII)));
    }

    private void partsOfTheModel() {
        String known = job.bytes().toArray().length + new String(job.bytes().toArray(), StandardCharsets.ISO_8859_1);
        for (int at = 0; at + 24 <= model.length; at += 24) {
            byte[] part = Arrays.copyOfRange(model, at, at + 24);
            boolean zeros = new String(part, StandardCharsets.ISO_8859_1).chars().distinct().count() < 8;
            if (!zeros && !known.contains(new String(part, StandardCharsets.ISO_8859_1))) {
                secrets.add(part);
            }
        }
    }

    private static byte[] last(byte[] bytes, int count) {
        return Arrays.copyOfRange(bytes, bytes.length - count, bytes.length);
    }

    /** Patients that there are not, in a file that can be read. */
    private static String invented(String file) {
        StringBuilder invented = new StringBuilder(file.lines().findFirst().orElseThrow()).append('\n');
        for (int row = 0; row < 120; row++) {
            int patient = row;
            Wisconsin.columns().forEach(column -> invented.append(column.length() * patient % 97).append(".5,"));
            invented.append(row % 2).append('\n');
        }
        return invented.toString();
    }

    /** Whatever the operator must never see. */
    List<byte[]> secrets() {
        return secrets;
    }

    /** As a hospital's own program makes it from the job. */
    Trust trust() {
        return Trust.signer(job.code().signer(), job.code().product(), job.code().minSvn())
                .andMeasurement(job.code().measurements().toArray(Measurement[]::new))
                .on(machine.anchor(), behind.anchor(), ahead.anchor())
                .allowMock();
    }

    /** Trust of somebody who does not look: anything on the pinned machine. */
    Trust gullible() {
        return Trust.signer(job.code().signer(), job.code().product(), 0).on(machine.anchor()).allowMock().allowDebug();
    }

    HostedEnclave start(Class<? extends EnclaveProgram> program, Build build) throws IOException {
        MockEnclaves agreed =
                MockEnclaves.of(program).on(machine).as(AGREED).library("xgboost4j", Plain.library());
        MockEnclaves chosen =
                switch (build) {
                    case AGREED -> agreed;
                    case OTHER_CODE -> MockEnclaves.of(Thief.class).on(machine).as(AGREED.withCode("thief"));
                    case OLDER -> agreed.as(AGREED.withSecurityVersion(1));
                    case DEBUG -> agreed.as(AGREED.withDebug(true));
                    case OTHER_PLATFORM -> agreed.on(strange);
                    case CLOCK_BEHIND -> agreed.on(behind);
                    case CLOCK_AHEAD -> agreed.on(ahead);
                };
        return chosen.startBare();
    }
}
