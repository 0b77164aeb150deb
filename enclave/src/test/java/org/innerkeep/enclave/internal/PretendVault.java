package org.innerkeep.enclave.internal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.release.Challenge;
import org.innerkeep.channel.release.NotCarriedException;
import org.innerkeep.channel.release.RegisterCall;
import org.innerkeep.channel.release.RegisterResponse;
import org.innerkeep.channel.release.RegisterState;
import org.innerkeep.channel.release.ReleaseCall;
import org.innerkeep.channel.release.ReleaseResponse;
import org.innerkeep.channel.release.ReleaseTerms;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.channel.release.VaultCarrier;
import org.innerkeep.channel.release.VaultLocation;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.cose.P256PublicKey;

/**
 * A vault in the test's own JVM, and the honest host before it: one identity, a grant that is there or not, an epoch and a lease that the
 * test sets. It looks at evidence and challenges as a vault must.
 */
class PretendVault implements VaultCarrier {
    static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KeyPair signing = newKey();
    private final P256PublicKey publicKey;
    private final Identity identity = Identity.generate(KeyKind.HYBRID, RANDOM);
    private final Set<Bytes> issued = new HashSet<>();
    final Map<String, byte[]> files = new HashMap<>();
    final List<ReleaseCall> asked = new ArrayList<>();
    final Map<String, RegisterState> registers = new HashMap<>();
    Optional<Duration> lease = Optional.empty();
    boolean granted = true;
    long epoch = 1;
    int challenges;

    PretendVault() throws MalformedException {
        publicKey = P256PublicKey.parse(signing.getPublic().getEncoded());
    }

    VaultLocation location() {
        return VaultLocation.of(URI.create("https://vault.example:8443#" + anchor()));
    }

    VaultAnchor anchor() {
        return new VaultAnchor(Bytes.of(signing.getPublic().getEncoded()));
    }

    /** Seals a file to the key, as anybody can, and has the host store it. */
    byte[] store(String name, String text) throws IOException {
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        SealedFile.seal(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), sealed, List.of(identity.recipient()), RANDOM);
        files.put(name, sealed.toByteArray());
        return sealed.toByteArray();
    }

    /** What the host has under a name. */
    byte[] stored(String name) {
        return Objects.requireNonNull(files.get(name), name);
    }

    /** Takes a challenge for its own. */
    void adopt(Bytes nonce) {
        issued.add(nonce);
    }

    static Answer refusal(int status, String code, String message, String... details) {
        StringBuilder all = new StringBuilder();
        for (String detail : details) {
            all.append(all.isEmpty() ? "" : ",").append("{\"code\":\"").append(code).append("\",\"message\":\"").append(detail).append("\"}");
        }
        return new Answer(
                status,
                ("{\"error\":{\"code\":\"" + code + "\",\"message\":\"" + message + "\",\"details\":[" + all + "]}}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Answer challenge(String vault) throws NotCarriedException {
        challenges++;
        byte[] nonce = new byte[32];
        RANDOM.nextBytes(nonce);
        issued.add(Bytes.of(nonce));
        return new Answer(200, new Challenge(Bytes.of(nonce), anchor().id(), NOW, Duration.ofMinutes(2)).toByteArray());
    }

    @Override
    public Answer release(String vault, String key, byte[] bytes) throws NotCarriedException {
        ReleaseCall call;
        try {
            call = ReleaseCall.parse(bytes);
        } catch (MalformedException e) {
            return refusal(400, "InvalidRequest", "malformed");
        }
        asked.add(call);
        if (!issued.remove(call.request().nonce()) || !call.request().key().equals(key)) {
            return refusal(400, "InvalidParameter", "challenge: it was answered before, or is for another key");
        }
        Verdict verdict = Verifier.verify(call.evidence().toArray(), List.of(TestPlatform.ANCHOR), NOW);
        if (!(verdict instanceof Verdict.Accepted accepted)
                || !accepted.claims().reportData().equals(Bytes.of(call.request().reportData()))) {
            return refusal(400, "InvalidParameter", "evidence: it is not over this request");
        }
        if (!granted) {
            return refusal(403, "Forbidden", "The key is not released to this enclave.", "grant 1: REVOKED grant: found revoked at noon");
        }
        ReleaseTerms terms = new ReleaseTerms(
                call.request().digest(), "0".repeat(32), "1".repeat(32), NOW, lease.map(NOW::plus), OptionalLong.empty(), epoch);
        try (FileKey fileKey = SealedFile.unwrap(new ByteArrayInputStream(call.request().header().toArray()), List.of(identity))) {
            return new Answer(
                    200,
                    ReleaseResponse.make(
                                    terms, call.request().transportKey(), fileKey, Bytes.EMPTY, signing.getPrivate(), publicKey, RANDOM)
                            .toByteArray());
        } catch (IOException e) {
            return refusal(403, "Forbidden", "no version of the key opens the file");
        }
    }

    @Override
    public Answer register(String vault, String key, byte[] bytes) throws NotCarriedException {
        RegisterCall call;
        try {
            call = RegisterCall.parse(bytes);
        } catch (MalformedException e) {
            return refusal(400, "InvalidRequest", "malformed");
        }
        Verdict verdict = Verifier.verify(call.evidence().toArray(), List.of(TestPlatform.ANCHOR), NOW);
        if (!issued.remove(call.request().nonce())
                || !(verdict instanceof Verdict.Accepted accepted)
                || !accepted.claims().reportData().equals(Bytes.of(call.request().reportData()))) {
            return refusal(400, "InvalidParameter", "evidence: it is not over this request");
        }
        if (!granted) {
            return refusal(403, "Forbidden", "The register is not open to this enclave.", "grant 1: REVOKED grant: found revoked at noon");
        }
        RegisterState none = new RegisterState(0, Bytes.EMPTY, epoch == 1 ? 1 : 0, epoch);
        RegisterState now = registers.getOrDefault(call.request().name(), none);
        if (call.request().step().isPresent() && call.request().step().get().expected() == now.version()) {
            now = new RegisterState(call.request().step().get().version(), call.request().step().get().digest(), epoch, epoch);
            registers.put(call.request().name(), now);
        }
        RegisterState said = new RegisterState(now.version(), now.digest(), now.setInEpoch(), epoch);
        return new Answer(
                200, RegisterResponse.make(call.request().digest(), NOW, said, signing.getPrivate(), publicKey).toByteArray());
    }

    String recipient() {
        return identity.recipient().toString();
    }

    @Override
    public InputStream file(String name) throws NotCarriedException {
        byte[] file = files.get(name);
        if (file == null) {
            throw new NotCarriedException(new NotCarriedException.Detail(NotCarriedException.Code.NO_SUCH_FILE, "there is none"));
        }
        return new ByteArrayInputStream(file);
    }

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
