package org.innerkeep.channel.job;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.List;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;

/** Good jobs, from which tests derive bad ones. */
final class Jobs {
    static final KeyPair NORTH = ed25519();
    static final KeyPair SOUTH = p256();
    static final KeyPair MALLORY = ed25519();

    private Jobs() {}

    static JobDraft draft() {
        return new JobDraft("tumours", code(), List.of("mean radius", "mean texture"), "malignant")
                .parameter("rounds", JobParameter.number("60"))
                .parameter("learningRate", JobParameter.number("0.10"))
                .parameter("note", new JobParameter.Text("agreed on 3 \"May\" \\"))
                .minimumRecords(50)
                .owner(new JobOwner("north", key(NORTH)))
                .owner(new JobOwner("south", key(SOUTH)))
                .recipient(new JobRecipient("north", recipient('q')))
                .recipient(new JobRecipient("south", recipient('p')));
    }

    static JobCode code() {
        return new JobCode(
                Bytes.sha256(new byte[] {1}),
                7,
                3,
                List.of(Bytes.sha256(new byte[] {2})),
                List.of(Measurement.sha256(Bytes.sha256(new byte[] {3}))));
    }

    static Job job() {
        try {
            return draft().toJob();
        } catch (JobException e) {
            throw new AssertionError(e);
        }
    }

    static String text() {
        return new String(job().bytes().toArray(), StandardCharsets.UTF_8);
    }

    static String recipient(char c) {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) c);
        return new Recipient(Bytes.of(key)).toString();
    }

    static String hybrid() {
        try (Identity identity = Identity.generate(KeyKind.HYBRID, new SecureRandom())) {
            return identity.recipient().toString();
        }
    }

    static OwnerKey key(KeyPair pair) {
        try {
            return OwnerKey.parse(pair.getPublic().getEncoded());
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair ed25519() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair p256() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
