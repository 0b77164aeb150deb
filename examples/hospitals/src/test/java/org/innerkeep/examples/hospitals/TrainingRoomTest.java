package org.innerkeep.examples.hospitals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobCode;
import org.innerkeep.channel.job.JobDraft;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.channel.job.JobParameter;
import org.innerkeep.channel.job.JobRecipient;
import org.innerkeep.channel.job.OwnerKey;
import org.innerkeep.channel.release.ReleaseTerms;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.channel.release.VaultLocation;
import org.innerkeep.enclave.VaultException;
import org.innerkeep.enclave.VaultStream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.examples.hospitals.Operator.Answer;
import org.innerkeep.examples.hospitals.RefusedException.Reason;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the enclave takes from owners and operator, and what it refuses. */
class TrainingRoomTest {
    private static final byte[] SESSION = Bytes.sha256(new byte[] {1}).toArray();
    private static final byte[] OTHER_SESSION = Bytes.sha256(new byte[] {2}).toArray();

    private static final Bytes SIGNER = Bytes.sha256(new byte[0]);
    private static final Bytes RUNTIME = Bytes.sha256(new byte[] {3});
    private static final Measurement MEASUREMENT = Measurement.parse("sha-256:" + RUNTIME.hex());

    private final SecureRandom random = new SecureRandom();
    private final Map<String, Hospital> hospitals = new HashMap<>();
    private final TrainingRoom.Vaults none = (vault, agreed, sealed) -> {
        throw new VaultException(VaultException.Code.NOT_CARRIED, "the host carries nowhere");
    };
    private TrainingRoom.Vaults vaults = none;
    private Job job;
    private TrainingRoom room;

    @BeforeEach
    void agree() throws Exception {
        JobDraft draft = Wisconsin.draft(new JobCode(SIGNER, 7, 2, List.of(RUNTIME), List.of()));
        for (var hospital : Fixtures.hospitals().entrySet()) {
            String name = hospital.getKey();
            KeyPair owner = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            Identity identity = Identity.generate(random);
            ByteArrayOutputStream sealed = new ByteArrayOutputStream();
            try (OutputStream out = SealedFile.seal(sealed, List.of(identity.recipient()), random)) {
                out.write(hospital.getValue().getBytes(StandardCharsets.US_ASCII));
            }
            hospitals.put(name, new Hospital(owner, identity, Bytes.of(sealed.toByteArray())));
            draft.owner(new JobOwner(name, OwnerKey.parse(owner.getPublic().getEncoded())));
            draft.recipient(new JobRecipient(name, identity.recipient().toString()));
        }
        job = draft.toJob();
        room = newRoom();
        assertThat(room.agree(job.bytes().toArray())).isEqualTo(new Answer.Done());
        hospitals.forEach((name, hospital) -> assertThat(room.input(name, hospital.file().toArray())).isEqualTo(new Answer.Done()));
    }

    private record Hospital(KeyPair owner, Identity identity, Bytes file) {}

    private Hospital hospital(String name) {
        return Objects.requireNonNull(hospitals.get(name), name);
    }

    private TrainingRoom newRoom() throws Exception {
        return new TrainingRoom(
                Fixtures.trainer(), Fixtures.ownCode(SIGNER, RUNTIME, MEASUREMENT), content -> content, vaults, random);
    }

    private Release release(String name, Job forJob, byte[] session, KeyPair signer) throws Exception {
        byte[] nonce = new byte[Release.NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] file = hospital(name).file().toArray();
        try (FileKey key = SealedFile.unwrap(new ByteArrayInputStream(file), List.of(hospital(name).identity()))) {
            byte[] sealedKey = Release.sealKey(key, Recipient.parse(room.recipient()), random);
            Release unsigned = new Release(
                    name, nonce, sealedKey, Bytes.sha256(file).toArray(), file.length, new byte[0]);
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(signer.getPrivate());
            signature.update(unsigned.toBeSigned(forJob.digest(), session));
            return unsigned.signed(signature.sign());
        }
    }

    private Release release(String name) throws Exception {
        return release(name, job, SESSION, hospital(name).owner());
    }

    private void refuses(Reason reason, Release release) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> room.release(release, SESSION))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(reason));
        assertThat(room.status().released()).as("a refused release changes nothing").isEmpty();
    }

    @Test
    void refusesAReleaseThatWasSignedInAnotherSession() throws Exception {
        refuses(Reason.SIGNATURE_INVALID, release("oncology", job, OTHER_SESSION, hospital("oncology").owner()));
    }

    @Test
    void refusesAReleaseThatWasSignedForAnotherJob() throws Exception {
        Job other = new JobDraft(job).parameter("rounds", JobParameter.number("81")).toJob();

        refuses(Reason.SIGNATURE_INVALID, release("oncology", other, SESSION, hospital("oncology").owner()));
    }

    @Test
    void refusesOneOwnersSignatureUnderAnothersName() throws Exception {
        refuses(Reason.SIGNATURE_INVALID, release("oncology", job, SESSION, hospital("district").owner()));
    }

    @Test
    void refusesAReleaseWithAnyPartExchanged() throws Exception {
        Release good = release("oncology");
        Release other = release("oncology");

        refuses(Reason.SIGNATURE_INVALID, new Release(
                good.owner(), other.nonce(), good.sealedKey(), good.inputDigest(), good.inputBytes(), good.signature()));
        refuses(Reason.SIGNATURE_INVALID, new Release(
                good.owner(), good.nonce(), other.sealedKey(), good.inputDigest(), good.inputBytes(), good.signature()));
        refuses(Reason.SIGNATURE_INVALID, new Release(
                good.owner(), good.nonce(), good.sealedKey(), new byte[32], good.inputBytes(), good.signature()));
        refuses(Reason.SIGNATURE_INVALID, new Release(
                good.owner(), good.nonce(), good.sealedKey(), good.inputDigest(), good.inputBytes() + 1, good.signature()));
    }

    @Test
    void refusesAFileKeyThatIsSealedToAnotherEnclaveOrIsNone() throws Exception {
        TrainingRoom own = room;
        room = newRoom();
        Release elsewhere = release("oncology");
        room = own;
        refuses(Reason.KEY_UNREADABLE, elsewhere);

        for (int length : new int[] {0, 15, 17, 100_000}) {
            ByteArrayOutputStream sealed = new ByteArrayOutputStream();
            Recipient enclave = Recipient.parse(room.recipient());
            SealedFile.seal(new ByteArrayInputStream(new byte[length]), sealed, List.of(enclave), random);
            refuses(Reason.KEY_UNREADABLE, signedWith(sealed.toByteArray()));
        }
        refuses(Reason.KEY_UNREADABLE, signedWith(new byte[0]));
    }

    private Release signedWith(byte[] sealedKey) throws Exception {
        Release good = release("oncology");
        Release unsigned =
                new Release(good.owner(), good.nonce(), sealedKey, good.inputDigest(), good.inputBytes(), new byte[0]);
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(hospital("oncology").owner().getPrivate());
        signature.update(unsigned.toBeSigned(job.digest(), SESSION));
        return unsigned.signed(signature.sign());
    }

    @Test
    void aFileKeyCrossesTheSessionSealedToTheEnclaveAlone() throws Exception {
        Release release = release("oncology");
        byte[] file = hospital("oncology").file().toArray();
        try (FileKey key = SealedFile.unwrap(new ByteArrayInputStream(file), List.of(hospital("oncology").identity()))) {
            assertThat(Bytes.of(release.sealedKey()).hex()).doesNotContain(Bytes.of(key.exposeSecretBytes()).hex());
        }
        assertThat(Recipient.parse(room.recipient()).kind()).isEqualTo(KeyKind.HYBRID);
        assertThat(newRoom().recipient()).as("each enclave has its own").isNotEqualTo(room.recipient());
        assertThatExceptionOfType(java.io.IOException.class).isThrownBy(() -> release.fileKey(hospital("oncology").identity()));
    }

    @Test
    void theEnclaveForgetsItsIdentityWithTheLastReleaseEvenIfTheTrainingFails() throws Exception {
        Identity identity = Identity.generate(random);
        room = new TrainingRoom(
                Fixtures.trainer(),
                Fixtures.ownCode(SIGNER, RUNTIME, MEASUREMENT),
                content -> {
                    throw new IOException("the platform does not sign");
                },
                vaults,
                random,
                identity);
        room.agree(job.bytes().toArray());
        hospitals.forEach((name, hospital) -> room.input(name, hospital.file().toArray()));
        Release first = release("oncology");
        room.release(first, SESSION);
        room.release(release("district"), SESSION);
        first.fileKey(identity).close();

        room.release(release("screening"), SESSION);

        assertThatIllegalStateException().isThrownBy(() -> first.fileKey(identity));
        assertThatIllegalStateException().isThrownBy(room::train);
        assertThat(room.status().released()).hasSize(3);
        assertThat(room.recipient()).isEqualTo(identity.recipient().toString());
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> room.release(first, SESSION))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.OWNER_ALREADY_RELEASED));
    }

    @Test
    void aFileKeyIsNotSealedToAClassicRecipient() {
        try (FileKey key = FileKey.fromSecretBytes(new byte[FileKey.LENGTH]);
                Identity classic = Identity.generate(KeyKind.CLASSIC, random)) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> Release.sealKey(key, classic.recipient(), random));
        }
    }

    @Test
    void refusesWhoIsNotInTheJob() throws Exception {
        Release good = release("oncology");

        refuses(Reason.NOT_IN_JOB, new Release(
                "operator", good.nonce(), good.sealedKey(), good.inputDigest(), good.inputBytes(), good.signature()));
        assertThat(room.input("operator", new byte[10])).isEqualTo(new Answer.Refused(Reason.NOT_IN_JOB));
    }

    @Test
    void refusesAnotherFileThanTheOneReleased() throws Exception {
        Release good = release("oncology");
        byte[] changed = hospital("oncology").file().toArray();
        changed[changed.length - 1] ^= 1;
        assertThat(room.input("oncology", changed)).isEqualTo(new Answer.Done());

        refuses(Reason.INPUT_DIFFERS, good);
    }

    @Test
    void takesNoOtherFileAndNoSecondReleaseAfterAnOwnerReleased() throws Exception {
        room.release(release("oncology"), SESSION);

        assertThat(room.input("oncology", hospital("district").file().toArray()))
                .isEqualTo(new Answer.Refused(Reason.OWNER_ALREADY_RELEASED));
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> room.release(release("oncology"), SESSION))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.OWNER_ALREADY_RELEASED));
    }

    @Test
    void refusesAJobForOtherCodeThanItself() throws Exception {
        TrainingRoom empty = newRoom();
        JobCode newer = new JobCode(SIGNER, 7, 3, List.of(), List.of());
        JobCode elsewhere = new JobCode(SIGNER, 7, 2, List.of(Bytes.sha256(new byte[] {4})), List.of());

        for (JobCode code : List.of(newer, elsewhere)) {
            JobDraft draft = Wisconsin.draft(code);
            job.owners().forEach(draft::owner);
            job.recipients().forEach(draft::recipient);
            assertThat(empty.agree(draft.toJob().bytes().toArray()))
                    .isEqualTo(new Answer.Refused(Reason.JOB_NOT_FOR_THIS_CODE));
        }
        assertThat(empty.jobBytes()).isEmpty();
        assertThat(empty.agree(job.bytes().toArray())).isEqualTo(new Answer.Done());
    }

    @Test
    void keepsItsJob() throws Exception {
        Job other = new JobDraft(job).parameter("rounds", JobParameter.number("81")).toJob();

        assertThat(room.agree(other.bytes().toArray())).isEqualTo(new Answer.Refused(Reason.JOB_FIXED));
        assertThat(room.jobBytes()).hasValueSatisfying(bytes -> assertThat(Bytes.of(bytes)).isEqualTo(job.bytes()));
    }

    @Test
    void trainsOnlyWhenEveryOwnerReleasedAndThenSealsToEachRecipientAlone() throws Exception {
        room.release(release("district"), SESSION);
        room.release(release("oncology", job, OTHER_SESSION, hospital("oncology").owner()), OTHER_SESSION);
        assertThat(room.train()).isEqualTo(new Answer.Refused(Reason.OWNERS_MISSING));
        room.release(release("screening"), SESSION);

        assertThat(room.train()).isInstanceOf(Answer.Trained.class);

        SealedResult sealed = room.result("oncology").orElseThrow();
        Result result = open(sealed, hospital("oncology").identity());
        assertThat(result.own()).isPresent();
        assertThat(result.heldOut()).isPositive();
        assertThatExceptionOfType(java.io.IOException.class)
                .isThrownBy(() -> open(sealed, hospital("district").identity()));
        TrainingStatement statement = Codec.of(TrainingStatement.class).decode(sealed.statement());
        assertThat(statement.modelDigest()).isEqualTo(Bytes.sha256(result.model()).toArray());
        assertThat(statement.jobDigest()).isEqualTo(job.digest().toArray());
        assertThat(statement.owners()).extracting(TrainingStatement.OwnerPart::name)
                .containsExactly("district", "oncology", "screening");
    }

    @Test
    void statesTheDigestOfEachRecipientsResultWhichNobodyElseCanGuess() throws Exception {
        for (String name : hospitals.keySet()) {
            room.release(release(name), SESSION);
        }
        assertThat(room.train()).isInstanceOf(Answer.Trained.class);

        Set<Bytes> salts = new HashSet<>();
        for (String name : hospitals.keySet()) {
            SealedResult sealed = room.result(name).orElseThrow();
            byte[] opened = openBytes(sealed, hospital(name).identity());
            Result result = Codec.of(Result.class).decode(opened);
            TrainingStatement statement = Codec.of(TrainingStatement.class).decode(sealed.statement());
            assertThat(statement.results())
                    .filteredOn(part -> part.recipient().equals(name))
                    .singleElement()
                    .satisfies(part -> assertThat(part.resultDigest()).isEqualTo(Bytes.sha256(opened).toArray()));
            assertThat(result.salt()).hasSize(Result.SALT_BYTES);
            salts.add(Bytes.of(result.salt()));
        }
        assertThat(salts).as("a salt for each recipient").hasSize(hospitals.size());
    }

    private static Result open(SealedResult sealed, Identity identity) throws Exception {
        return Codec.of(Result.class).decode(openBytes(sealed, identity));
    }

    private static byte[] openBytes(SealedResult sealed, Identity identity) throws Exception {
        try (InputStream in = SealedFile.unseal(new ByteArrayInputStream(sealed.result()), List.of(identity))) {
            return in.readAllBytes();
        }
    }

    @Test
    void refusesEverythingBeforeThereIsAJob() throws Exception {
        TrainingRoom empty = newRoom();
        Release good = release("oncology");

        assertThat(empty.train()).isEqualTo(new Answer.Refused(Reason.NO_JOB));
        assertThat(empty.input("oncology", new byte[1])).isEqualTo(new Answer.Refused(Reason.NO_JOB));
        assertThat(empty.agree(Arrays.copyOf(job.bytes().toArray(), 100))).isEqualTo(new Answer.Refused(Reason.JOB_MALFORMED));
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> empty.release(good, SESSION))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.NO_JOB));
    }

    /** What a vault gives: the file's plaintext, under the terms of a release. */
    private static final class Given extends VaultStream {
        private final InputStream plain;

        Given(InputStream plain) {
            this.plain = plain;
        }

        @Override
        public ReleaseTerms terms() {
            return new ReleaseTerms(
                    Bytes.sha256(new byte[] {9}), "0".repeat(32), "1".repeat(32), Instant.EPOCH, Optional.empty(), OptionalLong.empty(), 1);
        }

        @Override
        public Bytes header() {
            return Bytes.sha256(new byte[] {8});
        }

        @Override
        public int read() throws IOException {
            return plain.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return plain.read(into, offset, length);
        }
    }

    private OwnersVault place(String name) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        VaultAnchor anchor = new VaultAnchor(Bytes.of(generator.generateKeyPair().getPublic().getEncoded()));
        return new OwnersVault(
                new VaultLocation("https://vault.example", anchor), "records", Bytes.sha256(hospital(name).file().toArray()));
    }

    /** What an owner signs for the part of a name. */
    private Bytes vouch(OwnersVault place, String name, String signer) throws Exception {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(hospital(signer).owner().getPrivate());
        signature.update(place.toBeSigned(name));
        return Bytes.of(signature.sign());
    }

    /** Agrees on a job in which each of some owners has a vault. */
    private void agreeWithVaults(TrainingRoom.Vaults serving, String... owners) throws Exception {
        JobDraft draft = new JobDraft(job);
        for (String owner : owners) {
            OwnersVault place = place(owner);
            place.addTo(draft, owner, vouch(place, owner, owner));
        }
        agreeTo(draft, serving);
    }

    private void agreeTo(JobDraft draft, TrainingRoom.Vaults serving) throws Exception {
        job = draft.toJob();
        vaults = serving;
        room = newRoom();
        assertThat(room.agree(job.bytes().toArray())).isEqualTo(new Answer.Done());
        hospitals.forEach((name, hospital) -> room.input(name, hospital.file().toArray()));
    }

    private VaultStream open(OwnersVault vault, Bytes agreed, InputStream sealed) throws IOException {
        assertThat(agreed).as("the vault is asked for this job").isEqualTo(job.digest());
        assertThat(vault.key()).isEqualTo("records");
        return new Given(SealedFile.unseal(sealed, hospitals.values().stream().map(Hospital::identity).toList()));
    }

    @Test
    void trainsWithNobodyThereWhereEveryOwnerHasAVault() throws Exception {
        agreeWithVaults(this::open, "oncology", "district", "screening");
        assertThat(room.obtain()).isEqualTo(new Answer.Done());
        assertThat(room.status().released()).containsExactlyInAnyOrder("oncology", "district", "screening");
        assertThat(room.train()).isInstanceOf(Answer.Trained.class);
        TrainingStatement statement = Codec.of(TrainingStatement.class).decode(room.result("oncology").orElseThrow().statement());
        assertThat(statement.owners()).allSatisfy(owner -> {
            assertThat(Bytes.of(owner.inputDigest())).isEqualTo(Bytes.sha256(hospital(owner.name()).file().toArray()));
            assertThat(Bytes.of(owner.nonce())).as("what the vault's log calls the release").isEqualTo(Bytes.sha256(new byte[] {9}));
        });
    }

    @Test
    void anOwnerWithoutAVaultReleasesInPerson() throws Exception {
        agreeWithVaults(this::open, "oncology", "district");
        assertThat(room.obtain()).isEqualTo(new Answer.Done());
        assertThat(room.train()).isEqualTo(new Answer.Refused(Reason.OWNERS_MISSING));
        room.release(release("screening"), SESSION);
        assertThat(room.train()).isInstanceOf(Answer.Trained.class);
    }

    @Test
    void aFileThatTheJobDoesNotNameIsNotTakenToAVault() throws Exception {
        agreeWithVaults(none, "oncology");
        ByteArrayOutputStream madeUp = new ByteArrayOutputStream();
        SealedFile.seal(
                new ByteArrayInputStream(new byte[10]), madeUp, List.of(hospital("oncology").identity().recipient()), random);
        room.input("oncology", madeUp.toByteArray());
        assertThat(room.obtain()).isInstanceOfSatisfying(
                Answer.NotObtained.class, answer -> assertThat(answer.reason()).isEqualTo(Reason.INPUT_DIFFERS));
    }

    /** The other owners' parts are genuine, so that there is a vault to ask. */
    private void refusesTheVaultOf(String owner, Map<String, String> changes, String why) throws Exception {
        Job genuine = job;
        JobDraft draft = new JobDraft(job);
        for (String each : hospitals.keySet()) {
            OwnersVault place = place(each);
            place.addTo(draft, each, vouch(place, each, each));
        }
        changes.forEach((part, value) -> draft.parameter(part + owner, new JobParameter.Text(value)));
        Set<String> asked = new HashSet<>();
        agreeTo(draft, (vault, agreed, sealed) -> {
            asked.add(vault.key());
            return open(vault, agreed, sealed);
        });
        assertThat(room.obtain()).as(why).isInstanceOfSatisfying(Answer.NotObtained.class, answer -> {
            assertThat(answer.owner()).isEqualTo(owner);
            assertThat(answer.reason()).isEqualTo(Reason.VAULT_NOT_VOUCHED);
            assertThat(answer.explanation()).contains("vouch." + owner);
        });
        assertThat(asked).as("%s: no vault is asked, of this owner or another", why).isEmpty();
        assertThat(room.status().released()).isEmpty();
        assertThat(room.train()).isEqualTo(new Answer.Refused(Reason.OWNERS_MISSING));
        job = genuine;
    }

    @Test
    void asksNoVaultWhereOneOwnerDidNotVouchForWhatTheJobNames() throws Exception {
        for (String owner : job.owners().stream().map(JobOwner::name).toList()) {
            OwnersVault operators = place(owner);
            String other = owner.equals("oncology") ? "district" : "oncology";
            refusesTheVaultOf(owner, Map.of("vault.", operators.location().toString()), "another vault's key");
            refusesTheVaultOf(owner, Map.of("file.", Bytes.sha256(new byte[] {7}).hex()), "a made-up file");
            refusesTheVaultOf(owner, Map.of("key.", "other-records"), "another key there");
            refusesTheVaultOf(owner, Map.of("vouch.", ""), "no vouch");
            refusesTheVaultOf(owner, Map.of("vouch.", "00".repeat(64)), "a signature of nobody");
            refusesTheVaultOf(owner, part(operators, vouch(operators, owner, other)), "another owner's vouch");
            refusesTheVaultOf(owner, part(operators, vouch(operators, other, owner)), "a vouch for another name");
            Bytes genuine = vouch(operators, owner, owner);
            refusesTheVaultOf(owner, part(operators, Bytes.fromHex("00" + genuine.hex().substring(2))), "a changed vouch");
        }
    }

    private static Map<String, String> part(OwnersVault vault, Bytes vouch) {
        return Map.of(
                "vault.", vault.location().toString(),
                "key.", vault.key(),
                "file.", vault.file().hex(),
                "vouch.", vouch.hex());
    }

    @Test
    void aReleaseIsNoVouch() throws Exception {
        Release release = release("oncology");
        refusesTheVaultOf("oncology", Map.of("vouch.", Bytes.of(release.signature()).hex()), "a signature over a release");
    }

    @Test
    void saysWhatEachVaultOrHostDid() throws Exception {
        Map<VaultException.Code, Reason> reasons = Map.of(
                VaultException.Code.NOT_CARRIED, Reason.VAULT_NOT_REACHED,
                VaultException.Code.REFUSED, Reason.VAULT_REFUSED,
                VaultException.Code.NOT_THE_VAULT, Reason.VAULT_REPLACED,
                VaultException.Code.NOT_THE_FILE, Reason.INPUT_UNREADABLE);
        for (VaultException.Code code : VaultException.Code.values()) {
            agreeWithVaults((vault, agreed, sealed) -> {
                throw new VaultException(code, "as the vault says");
            }, "oncology");
            assertThat(room.obtain()).isEqualTo(new Answer.NotObtained("oncology", Objects.requireNonNull(reasons.get(code)), "as the vault says"));
            assertThat(room.status().released()).isEmpty();
        }
    }

    @Test
    void refusesAJobThatNamesAVaultByHalf() throws Exception {
        OwnersVault place = place("oncology");
        Bytes vouch = vouch(place, "oncology", "oncology");
        JobOwner owner = owner("oncology");
        for (String half : List.of("vault.oncology", "key.oncology", "file.oncology", "vouch.oncology")) {
            JobDraft draft = new JobDraft(job);
            place.addTo(draft, "oncology", vouch);
            draft.parameter(half, new JobParameter.Text("https://vault.example"));
            Reason reason = half.startsWith("vouch.") ? Reason.VAULT_NOT_VOUCHED : Reason.JOB_UNUSABLE;
            Map<String, JobParameter> broken = new HashMap<>(draft.toJob().parameters());
            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(RefusedException.class)
                        .isThrownBy(() -> OwnersVault.of(broken, owner))
                        .matches(refused -> refused.reason() == reason)
                        .withMessageContaining(half);
                broken.remove(half);
            }
            Map<String, JobParameter> alone = Map.of(half, new JobParameter.Text("records"));
            assertThatExceptionOfType(RefusedException.class)
                    .isThrownBy(() -> OwnersVault.of(alone, owner))
                    .matches(refused -> refused.reason() == Reason.JOB_UNUSABLE);
        }
        JobDraft whole = new JobDraft(job);
        place.addTo(whole, "oncology", vouch);
        assertThat(OwnersVault.of(whole.toJob().parameters(), owner)).contains(place);
        assertThat(OwnersVault.of(whole.toJob().parameters(), owner("district"))).isEmpty();
    }

    private JobOwner owner(String name) {
        return job.owners().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
    }
}
