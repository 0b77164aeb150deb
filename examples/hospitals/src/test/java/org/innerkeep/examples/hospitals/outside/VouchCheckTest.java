package org.innerkeep.examples.hospitals.outside;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobCode;
import org.innerkeep.channel.job.JobDraft;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.channel.job.JobParameter;
import org.innerkeep.channel.job.JobRecipient;
import org.innerkeep.channel.job.OwnerKey;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.channel.release.VaultLocation;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.examples.hospitals.OwnersVault;
import org.innerkeep.examples.hospitals.RefusedException.Detail;
import org.innerkeep.examples.hospitals.RefusedException.Reason;
import org.innerkeep.examples.hospitals.Wisconsin;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hospital agrees only to jobs in which everybody named its own vault and file, itself included. */
class VouchCheckTest {
    @TempDir
    private Path root;

    private HospitalFolder north;
    private HospitalFolder south;
    private OwnersVault norths;
    private OwnersVault souths;

    @BeforeEach
    void vouch() throws Exception {
        north = hospital("north");
        south = hospital("south");
        norths = vault("of north");
        souths = vault("of south");
        north.remember(norths);
        south.remember(souths);
    }

    private HospitalFolder hospital(String name) throws Exception {
        HospitalFolder folder = new HospitalFolder(Files.createDirectory(root.resolve(name)));
        folder.makeKeys(new SecureRandom());
        return folder;
    }

    private static OwnersVault vault(String file) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        VaultAnchor anchor = new VaultAnchor(Bytes.of(generator.generateKeyPair().getPublic().getEncoded()));
        return new OwnersVault(
                new VaultLocation("https://vault.example", anchor), "records", Bytes.sha256(file.getBytes(US_ASCII)));
    }

    private JobDraft draft() throws Exception {
        JobDraft draft = Wisconsin.draft(new JobCode(Bytes.sha256(new byte[0]), 7, 2, List.of(), List.of()));
        draft.owner(new JobOwner("north", OwnerKey.parse(north.ownerPublic())));
        draft.owner(new JobOwner("south", OwnerKey.parse(south.ownerPublic())));
        draft.recipient(new JobRecipient("north", north.recipient().toString()));
        draft.recipient(new JobRecipient("south", south.recipient().toString()));
        return draft;
    }

    private Job job(OwnersVault forNorth, HospitalFolder signer) throws Exception {
        JobDraft draft = draft();
        forNorth.addTo(draft, "north", Bytes.of(signer.sign(forNorth.toBeSigned("north"))));
        souths.addTo(draft, "south", Bytes.of(south.sign(souths.toBeSigned("south"))));
        return draft.toJob();
    }

    private static Optional<Reason> refusal(Job job, String name, HospitalFolder folder) throws Exception {
        return VouchCheck.refusal(job, new VouchCheck.Own(name, folder.ownerPublic(), folder.vouched()))
                .map(Detail::reason);
    }

    private int agree(Job job, String name) throws Exception {
        Path file = Files.write(root.resolve("job.json"), job.bytes().toArray());
        return Hospital.run("agree", "--folder", root.resolve(name).toString(), "--name", name, "--job", file.toString());
    }

    @Test
    void everybodyAgreesToAJobInWhichEachOwnerVouched() throws Exception {
        Job job = job(norths, north);

        assertThat(refusal(job, "north", north)).isEmpty();
        assertThat(refusal(job, "south", south)).isEmpty();
        assertThat(agree(job, "north")).isZero();
        assertThat(agree(job, "south")).isZero();
        assertThat(refusal(draft().toJob(), "north", north)).as("a job without vaults").isEmpty();
    }

    @Test
    void everybodyRefusesAJobThatNamesTheOperatorsVaultInAnOwnersName() throws Exception {
        OwnersVault operators = vault("of the operator");
        JobDraft unsigned = new JobDraft(job(norths, north));
        operators.addTo(unsigned, "north", Bytes.of(north.sign(norths.toBeSigned("north"))));

        for (Job job : List.of(job(operators, south), unsigned.toJob())) {
            assertThat(refusal(job, "north", north)).contains(Reason.VAULT_NOT_VOUCHED);
            assertThat(refusal(job, "south", south)).contains(Reason.VAULT_NOT_VOUCHED);
            assertThat(agree(job, "north")).isEqualTo(1);
            assertThat(agree(job, "south")).isEqualTo(1);
        }
    }

    @Test
    void refusesAJobThatLeavesOutAVouch() throws Exception {
        JobDraft draft = new JobDraft(job(norths, north)).parameter("vouch.north", new JobParameter.Text(""));

        assertThat(refusal(draft.toJob(), "south", south)).contains(Reason.VAULT_NOT_VOUCHED);
    }

    @Test
    void anOwnerRefusesWhatItsOwnFolderNeverVouchedForEvenUnderItsSignature() throws Exception {
        OwnersVault elsewhere = vault("vouched for elsewhere");

        assertThat(refusal(job(elsewhere, north), "north", north)).contains(Reason.VAULT_NOT_VOUCHED);
        assertThat(refusal(job(elsewhere, north), "south", south)).as("others see a good signature").isEmpty();
    }

    @Test
    void anOwnerAgreesToNoVouchOfLastMonthButStillVerifiesResultsOfThatTime() throws Exception {
        Job lastMonths = job(norths, north);
        OwnersVault next = new OwnersVault(norths.location(), norths.key(), Bytes.sha256(new byte[] {2}));
        north.remember(next);

        assertThat(north.vouched()).containsExactly(norths, next);
        assertThat(agree(lastMonths, "north")).isEqualTo(1);
        assertThat(agree(job(next, north), "north")).isZero();
        assertThat(refusal(lastMonths, "north", north)).isEmpty();
        north.remember(norths);
        assertThat(north.vouched()).containsExactly(next, norths);
        assertThat(agree(lastMonths, "north")).as("vouched for again").isZero();
    }

    @Test
    void anOwnerAgreesToNoJobThatHasAnotherKeyOrRecipientInItsName() throws Exception {
        Job job = job(norths, north);
        JobDraft otherKey = Wisconsin.draft(job.code());
        otherKey.owner(new JobOwner("north", OwnerKey.parse(south.ownerPublic())));
        otherKey.recipient(job.recipients().getFirst());
        JobDraft otherRecipient = Wisconsin.draft(job.code());
        otherRecipient.owner(job.owners().getFirst());
        otherRecipient.recipient(new JobRecipient("north", south.recipient().toString()));

        assertThat(agree(otherKey.toJob(), "north")).isEqualTo(1);
        assertThat(agree(otherRecipient.toJob(), "north")).isEqualTo(1);
        assertThat(agree(Wisconsin.draft(job.code())
                                .owner(job.owners().getFirst())
                                .recipient(job.recipients().getFirst())
                                .toJob(),
                        "north"))
                .isZero();
        assertThat(agree(job, "south")).isZero();
        assertThat(Hospital.run("agree", "--folder", root.resolve("south").toString(), "--name", "east", "--job",
                        root.resolve("job.json").toString()))
                .as("a name that the job does not have")
                .isEqualTo(1);
    }

    @Test
    void theVerbVouchSignsTheSealedFileAndRemembersIt() throws Exception {
        Path sealed = Files.write(root.resolve("records.age"), new byte[] {1, 2, 3});
        int code = Hospital.run(
                "vouch", "--folder", root.resolve("north").toString(), "--name", "north",
                "--vault", norths.location().toString(), "--key", "records", "--sealed", sealed.toString());

        assertThat(code).isZero();
        OwnersVault last = north.vouched().getLast();
        assertThat(last).isEqualTo(new OwnersVault(norths.location(), "records", Bytes.sha256(new byte[] {1, 2, 3})));
        assertThat(agree(job(last, north), "north")).isZero();
    }
}
