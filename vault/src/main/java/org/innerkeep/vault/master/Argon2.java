package org.innerkeep.vault.master;

import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;

/**
 * What it costs to derive a key from a passphrase: Argon2id, version 1.3 (RFC 9106).
 *
 * @param kibibytes of memory
 * @param passes over it
 * @param lanes that it is divided into
 */
record Argon2(int kibibytes, int passes, int lanes) {
    /** The second of the options that RFC 9106, section 4, recommends; the first needs 2 GiB, which not every machine has to spare. */
    static final Argon2 STRONG = new Argon2(64 << 10, 3, 4);

    static final int SALT_BYTES = 16;
    static final int KEY_BYTES = 32;

    /** Whoever writes into the store must not be able to have the next start take all memory, or all day. */
    private static final int MAX_KIBIBYTES = 256 << 10;

    private static final int MAX_PASSES = 16;
    private static final int MAX_LANES = 16;

    /** Eight blocks for each lane, as the algorithm needs (RFC 9106, section 3.1). */
    private static final int BLOCKS_OF_A_LANE = 8;

    static Argon2 read(CborReader reader) throws MalformedException {
        int start = reader.offset();
        Argon2 cost = new Argon2(
                (int) reader.integer("memory", 1, MAX_KIBIBYTES),
                (int) reader.integer("passes", 1, MAX_PASSES),
                (int) reader.integer("lanes", 1, MAX_LANES));
        if (cost.kibibytes() < BLOCKS_OF_A_LANE * cost.lanes()) {
            throw new MalformedException("memory", start, "expected at least " + BLOCKS_OF_A_LANE + " KiB for each lane");
        }
        return cost;
    }

    /**
     * Derives.
     *
     * @param passphrase UTF-8
     * @param salt 16 bytes
     * @return 32 bytes, for the caller to wipe
     */
    byte[] derive(byte[] passphrase, byte[] salt) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(kibibytes)
                .withIterations(passes)
                .withParallelism(lanes)
                .withSalt(salt)
                .build());
        byte[] key = new byte[KEY_BYTES];
        generator.generateBytes(passphrase, key);
        return key;
    }

    /** {@return the three numbers, separated by commas} */
    @Override
    public String toString() {
        return kibibytes + "," + passes + "," + lanes;
    }
}
