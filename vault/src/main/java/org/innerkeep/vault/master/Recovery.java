package org.innerkeep.vault.master;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.crypto.threshold.ShamirSecretSplitter;
import org.bouncycastle.crypto.threshold.ShamirSplitSecret;
import org.bouncycastle.crypto.threshold.ShamirSplitSecretShare;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * A master key that is wrapped under a recovery key: AES-256-GCM. The recovery key was random, is kept nowhere, and was divided into shares
 * by Shamir's way over GF(2^8), byte by byte: as many shares as are needed give it, and fewer tell nothing of it. Digests of the shares say
 * of a share that is shown whether it is one of them, so that one that is wrong is named; they are of 32 random bytes each.
 *
 * @param set which shares, 4 bytes
 * @param quorum how many shares, and how many are needed
 * @param digests of the shares, in their order
 * @param wrapped nonce, ciphertext and tag
 */
record Recovery(Bytes set, Quorum quorum, List<Bytes> digests, Bytes wrapped) {
    private static final int KEY_BYTES = 32;
    private static final int DIGEST = 32;

    Recovery {
        digests = List.copyOf(digests);
    }

    /**
     * What was made.
     *
     * @param recovery for the store
     * @param shares to be given away and wiped
     */
    record Made(Recovery recovery, List<RecoveryShare> shares) implements AutoCloseable {
        Made {
            shares = List.copyOf(shares);
        }

        @Override
        public void close() {
            shares.forEach(RecoveryShare::close);
        }
    }

    /**
     * A share that somebody shows.
     *
     * @param from what it is called in messages
     * @param share the share
     */
    record Shown(String from, RecoveryShare share) {}

    static Made make(Bytes id, byte[] master, Quorum quorum, SecureRandom random) {
        byte[] key = new byte[KEY_BYTES];
        byte[] chosen = new byte[RecoveryShare.SET_BYTES];
        random.nextBytes(key);
        random.nextBytes(chosen);
        Bytes set = Bytes.of(chosen);
        try (WrappingKey wrapping = WrappingKey.of(key, random)) {
            List<RecoveryShare> shares = new ArrayList<>();
            List<byte[]> points = split(key, quorum, random);
            for (int i = 0; i < quorum.shares(); i++) {
                shares.add(new RecoveryShare(RecoveryShare.vaultOf(id), set, quorum, i + 1, points.get(i)));
            }
            List<Bytes> digests = shares.stream().map(RecoveryShare::digest).toList();
            return new Made(new Recovery(set, quorum, digests, wrapping.wrap(label(id, set, quorum), master)), shares);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static String label(Bytes id, Bytes set, Quorum quorum) {
        return "innerkeep vault recovery v1|" + id.hex() + "|" + set.hex() + "|" + quorum.needed() + "|" + quorum.shares();
    }

    /** The points at 1, 2, … of a random polynomial whose value at 0 is the secret. */
    static List<byte[]> split(byte[] secret, Quorum quorum, SecureRandom random) {
        ShamirSplitSecretShare[] points = ShamirSecretSplitter.getInstance(
                        ShamirSecretSplitter.Algorithm.AES, secret.length, random)
                .resplit(secret, quorum.needed(), quorum.shares())
                .getSecretShares();
        try {
            List<byte[]> all = new ArrayList<>();
            for (int i = 0; i < quorum.shares(); i++) {
                all.add(points[i].getEncoded());
            }
            return all;
        } catch (IOException e) {
            throw new IllegalStateException("points are in memory", e);
        }
    }

    /** The value at 0 of the polynomial of least degree through points, by their places. */
    static byte[] combine(Map<Integer, byte[]> points) {
        ShamirSplitSecretShare[] all = points.entrySet().stream()
                .map(point -> new ShamirSplitSecretShare(point.getValue(), point.getKey()))
                .toArray(ShamirSplitSecretShare[]::new);
        try {
            return ShamirSplitSecret.getInstance(ShamirSecretSplitter.Algorithm.AES, all).getSecret();
        } catch (IOException e) {
            throw new IllegalStateException("points are in memory", e);
        }
    }

    /**
     * Opens the master key.
     *
     * @param id of the master key
     * @param shown stay the caller's to wipe
     * @return 32 bytes, for the caller to wipe
     * @throws IOException if a share is not one of these, or there are too few; each that is wrong is named
     */
    byte[] open(Bytes id, List<Shown> shown) throws IOException {
        Map<Integer, byte[]> points = new HashMap<>();
        byte[] key = {};
        try {
            List<String> wrong = new ArrayList<>();
            for (Shown each : shown) {
                String why = wrong(id, each.share());
                if (why.isEmpty() && points.containsKey(each.share().index())) {
                    why = "it is shown twice";
                }
                if (why.isEmpty()) {
                    points.put(each.share().index(), each.share().expose());
                } else {
                    wrong.add(each.from() + " (share " + each.share().index() + "): " + why);
                }
            }
            if (!wrong.isEmpty()) {
                throw new IOException("recovery: nothing was opened or changed. " + String.join("; ", wrong));
            }
            if (points.size() < quorum.needed()) {
                throw new IOException("recovery: expected " + quorum.needed() + " of the " + quorum.shares() + " shares of the set "
                        + set.hex() + ", found " + points.size() + "; nothing was opened or changed");
            }
            key = combine(points);
            try (WrappingKey wrapping = WrappingKey.of(key, new SecureRandom())) {
                return wrapping.unwrap(label(id, set, quorum), wrapped);
            } catch (MalformedException e) {
                throw new IOException("recovery: the shares are right, and do not open what this store has; it was changed", e);
            }
        } finally {
            points.values().forEach(each -> Arrays.fill(each, (byte) 0));
            Arrays.fill(key, (byte) 0);
        }
    }

    private String wrong(Bytes id, RecoveryShare share) {
        if (!share.vault().equals(RecoveryShare.vaultOf(id))) {
            return "it is of the vault " + share.vault().hex() + ", this is " + RecoveryShare.vaultOf(id).hex();
        }
        if (!share.set().equals(set)) {
            return "it is of the set " + share.set().hex() + ", shares of this store are of the set " + set.hex()
                    + "; others were given out, before or since";
        }
        if (!share.quorum().equals(quorum) || !share.digest().equals(digests.get(share.index() - 1))) {
            return "it is none of the shares that were given out; it was forged or damaged";
        }
        return "";
    }

    void write(CborWriter writer) {
        writer.array(5).bytes(set.toArray()).integer(quorum.needed()).integer(quorum.shares()).array(digests.size());
        digests.forEach(each -> writer.bytes(each.toArray()));
        writer.bytes(wrapped.toArray());
    }

    static Recovery read(CborReader reader) throws MalformedException {
        reader.arrayOf("recovery", 5);
        Bytes set = Bytes.of(reader.bytes("set", RecoveryShare.SET_BYTES, RecoveryShare.SET_BYTES));
        int needed = (int) reader.integer("needed", Quorum.LEAST, Quorum.MOST);
        int shares = (int) reader.integer("shares", needed, Quorum.MOST);
        reader.arrayOf("digests", shares);
        List<Bytes> digests = new ArrayList<>();
        for (int i = 0; i < shares; i++) {
            digests.add(Bytes.of(reader.bytes("digest", DIGEST, DIGEST)));
        }
        return new Recovery(
                set, new Quorum(needed, shares), digests, Bytes.of(reader.bytes("wrapped master key", 1, Wrap.MAX_WRAPPED)));
    }
}
