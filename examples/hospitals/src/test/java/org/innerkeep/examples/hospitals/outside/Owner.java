package org.innerkeep.examples.hospitals.outside;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.channel.job.JobRecipient;
import org.innerkeep.channel.job.OwnerKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.examples.hospitals.Release;

/** One hospital's keys and sealed files. Its releases are what its program keeps in its folder. */
record Owner(String name, KeyPair key, Identity identity, byte[] lastMonths, byte[] sealed, byte[] fileKey) {
    private static final SecureRandom RANDOM = new SecureRandom();

    static Owner of(String name, String csv) throws GeneralSecurityException, IOException {
        KeyPair key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Identity identity = Identity.generate(RANDOM);
        byte[] sealed = seal(csv, identity);
        return new Owner(name, key, identity, seal(csv.replace("1.", "2."), identity), sealed, fileKey(sealed, identity));
    }

    static byte[] seal(String csv, Identity identity) throws IOException {
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try (OutputStream out = SealedFile.seal(sealed, List.of(identity.recipient()), RANDOM)) {
            out.write(csv.getBytes(StandardCharsets.US_ASCII));
        }
        return sealed.toByteArray();
    }

    static byte[] fileKey(byte[] sealed, Identity identity) throws IOException {
        try (FileKey key = SealedFile.unwrap(new ByteArrayInputStream(sealed), List.of(identity))) {
            return key.exposeSecretBytes();
        }
    }

    JobOwner asOwner() throws MalformedException {
        return new JobOwner(name, OwnerKey.parse(key.getPublic().getEncoded()));
    }

    JobRecipient asRecipient() {
        return new JobRecipient(name, identity.recipient().toString());
    }

    byte[] open(byte[] result) throws IOException {
        try (InputStream in = SealedFile.unseal(new ByteArrayInputStream(result), List.of(identity))) {
            return in.readAllBytes();
        }
    }

    /** A release of this owner's file, or of any, signed by this owner. */
    Release release(String as, byte[] file, byte[] keyOfFile, String enclave, Bytes job, byte[] binding)
            throws GeneralSecurityException, IOException {
        byte[] nonce = new byte[Release.NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        byte[] sealedKey;
        try (FileKey released = FileKey.fromSecretBytes(keyOfFile)) {
            sealedKey = Release.sealKey(released, Recipient.parse(enclave), RANDOM);
        }
        Release unsigned = new Release(as, nonce, sealedKey, Bytes.sha256(file).toArray(), file.length, new byte[0]);
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(key.getPrivate());
        signature.update(unsigned.toBeSigned(job, binding));
        return unsigned.signed(signature.sign());
    }

    static List<HospitalFolder.Released> none() {
        return new CopyOnWriteArrayList<>();
    }
}
