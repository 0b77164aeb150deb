package org.innerkeep.inside;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.innerkeep.attestation.Enclosure;
import org.innerkeep.attestation.RunningService;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.channel.keeper.RegisterRefusedException;
import org.innerkeep.channel.state.JournalStore;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.enclave.PlatformRegister;
import org.innerkeep.enclave.SealTo;
import org.innerkeep.enclave.UnsealException;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.vault.VaultPart;

/**
 * The program of an enclave that is the attestation service and the vault. Its settings are in the bundle. What it keeps is
 * sealed to the signer, product and security version of the bundle, so a later version of the same signer goes on with it.
 *
 * <p>Where it cannot go on with what the host gives, it does not serve and says why by {@link ServedInside}.
 */
public final class ServiceEnclave implements EnclaveProgram {
    private static final String NAME = "service";
    private static final Pattern NAMES = Pattern.compile("[a-z][a-z0-9-]{0,55}");
    private static final Duration HOST_DEADLINE = Duration.ofSeconds(30);

    /** In the enclave's own network, where nothing else listens. */
    private static final int PORT = 8443;

    /** Made by the enclave's runtime. */
    public ServiceEnclave() {
        // Nothing to prepare.
    }

    @Override
    public void start(EnclaveContext enclave) throws IOException {
        start(enclave, MeasuredSettings.read(ServiceEnclave.class.getClassLoader()), PORT, () -> {
            try (Secrets made = Secrets.make(new SecureRandom())) {
                return made.encode();
            }
        });
    }

    /**
     * With a port, as mock enclaves share a network, and the keys of a first start, which tests do not want to make each time.
     */
    static void start(EnclaveContext enclave, MeasuredSettings.Read settings, int port, Supplier<byte[]> first)
            throws IOException {
        useLibraryOfBundle(enclave);
        Served served;
        try {
            // First: where everybody on the machine could reach the port, this throws, and nothing may listen there.
            enclave.offerServer(port);
            RunningService running = run(enclave, settings, port, first);
            served = new Served(new ServedInside.Report(true, lines(running)), Optional.of(running));
        } catch (StateRefusedException | StoreException | IllegalArgumentException | IllegalStateException e) {
            // None of these has a secret in its message.
            served = Served.refusing(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            // Of whatever it is, so the host is told its kind and nothing of what was found.
            served = Served.refusing("the service could not start (" + e.getClass().getSimpleName()
                    + "): the host does not give what it keeps, or something in it cannot be used");
        }
        enclave.offerToHost(ServedInside.class, served);
    }

    private record Served(ServedInside.Report report, Optional<RunningService> running) implements ServedInside {
        static Served refusing(String why) {
            return new Served(new ServedInside.Report(false, List.of(why)), Optional.empty());
        }

        @Override
        public Standing standing() {
            return running.isEmpty() ? Standing.NOT_SERVING : ServiceEnclave.standing(running.get().storeFailure());
        }
    }

    static ServedInside.Standing standing(Optional<StoreException.Code> failure) {
        if (failure.isEmpty()) {
            return ServedInside.Standing.SERVING;
        }
        return switch (failure.get()) {
            // The store goes no further from these.
            case CORRUPT, ROLLED_BACK, CLOSED -> ServedInside.Standing.OVER;
            default -> ServedInside.Standing.FAILING;
        };
    }

    /** SQLite's native part is a measured file of the bundle; nothing is unpacked at run time. */
    private static void useLibraryOfBundle(EnclaveContext enclave) {
        try {
            Path library = enclave.nativeLibrary("sqlitejdbc");
            System.setProperty("org.sqlite.lib.path", String.valueOf(library.getParent()));
            System.setProperty("org.sqlite.lib.name", String.valueOf(library.getFileName()));
        } catch (IllegalArgumentException e) {
            // On a platform of tests, where the driver finds its own.
        }
    }

    private static RunningService run(
            EnclaveContext enclave, MeasuredSettings.Read settings, int port, Supplier<byte[]> first) throws IOException {
        ServiceConfiguration configuration = settings.configuration();
        Enclosure.check(configuration);
        String name = configuration.text("enclave-name").orElse(NAME);
        if (!NAMES.matcher(name).matches()) {
            throw new IllegalArgumentException("enclave-name: expected 1 to 56 lower-case letters, digits and hyphens, beginning"
                    + " with a"
                    + " letter, found '" + name + "'");
        }
        SecureRandom random = new SecureRandom();
        SealedJournal journal = SealedJournal.open(
                name,
                enclave.host(JournalStore.class, HOST_DEADLINE),
                register(enclave, "journal-" + name),
                new ToThisSigner(enclave, recovery(configuration), random),
                configuration.text(MeasuredSettings.ACCEPTED).orElse(""),
                new Carried.Settings(enclave.identity().securityVersion(), settings.digest()),
                JournalReader.MAX_CONTENT,
                first,
                random);
        byte[] encoded = journal.secrets();
        try (Secrets secrets = Secrets.parse(encoded)) {
            return RunningService.startInside(
                    configuration,
                    RunningService.Clocks.ofSystem(),
                    List.of(new VaultPart()),
                    new Enclosure(
                            port,
                            journal,
                            secrets.logKey(),
                            secrets.tokens(random),
                            secrets.master(random),
                            secrets.release(),
                            journal.acceptance()));
        } catch (MalformedException e) {
            throw new StateRefusedException(
                    StateRefusedException.Code.DAMAGED, "the keys at the beginning of the journal: " + e.getMessage(), e);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    /** Who may open the state without the enclave: measured, so whoever trusts the enclave has seen it. */
    private static List<Recipient> recovery(ServiceConfiguration configuration) {
        List<Recipient> recipients = new ArrayList<>();
        for (String each : configuration.list("enclave-recovery")) {
            try {
                recipients.add(Recipient.parse(each));
            } catch (SealedFileException e) {
                throw new IllegalArgumentException("enclave-recovery: expected age recipients, found '" + each + "'", e);
            }
        }
        return List.copyOf(recipients);
    }

    private static PlatformRegister register(EnclaveContext enclave, String name) throws StateRefusedException {
        try {
            return enclave.register(name);
        } catch (IOException e) {
            throw new StateRefusedException(code(e), String.valueOf(e.getMessage()), e);
        }
    }

    private static StateRefusedException.Code code(IOException e) {
        if (!(e.getCause() instanceof RegisterRefusedException refused)) {
            return StateRefusedException.Code.REGISTER_REFUSED;
        }
        return switch (refused.detail().code()) {
            case HELD -> StateRefusedException.Code.HELD;
            case NEWER_VERSION -> StateRefusedException.Code.NEWER_VERSION;
            case MOVED_ON, NOT_CLAIMED, TOO_MANY, UNAVAILABLE -> StateRefusedException.Code.REGISTER_REFUSED;
        };
    }

    private static List<String> lines(RunningService running) {
        List<String> lines = new ArrayList<>();
        lines.add("issuer       " + running.service().settings().issuer());
        lines.add("log key      " + running.logAnchor());
        lines.addAll(running.said());
        return List.copyOf(lines);
    }

    private record ToThisSigner(EnclaveContext enclave, List<Recipient> recovery, SecureRandom random)
            implements ChapterRecords.Sealer {
        @Override
        public ChapterRecords.Sealed seal(byte[] plaintext) throws IOException {
            ByteArrayOutputStream toRecovery = new ByteArrayOutputStream();
            if (!recovery.isEmpty()) {
                SealedFile.seal(new ByteArrayInputStream(plaintext), toRecovery, recovery, random);
            }
            return new ChapterRecords.Sealed(enclave.seal(SealTo.SIGNER, plaintext), toRecovery.toByteArray());
        }

        @Override
        public byte[] unseal(ChapterRecords.Sealed sealed) throws UnsealException, IOException {
            return enclave.unseal(sealed.toEnclave());
        }
    }
}
