package org.innerkeep.attestation.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;

/**
 * The Merkle tree of RFC 9162 section 2.1 with SHA-256: hashes, proofs, and how to verify proofs. Proofs read O(log n) hashes of whole
 * subtrees. Stateless, safe for use by several threads.
 */
public final class MerkleTree {
    /** The root over no leaves: SHA-256 of nothing (section 2.1.1). */
    public static final Bytes EMPTY_ROOT = Bytes.sha256();

    private static final byte[] LEAF = {0};
    private static final byte[] NODE = {1};

    private MerkleTree() {}

    /**
     * Hashes a leaf.
     *
     * @param leaf its bytes
     * @return SHA-256 of a zero byte and the leaf
     */
    public static Bytes leafHash(byte[] leaf) {
        return Bytes.sha256(LEAF, leaf);
    }

    /**
     * Hashes a node.
     *
     * @param left the hash of its left child
     * @param right the hash of its right child
     * @return SHA-256 of a one byte and both
     */
    public static Bytes nodeHash(Bytes left, Bytes right) {
        return Bytes.sha256(NODE, left.toArray(), right.toArray());
    }

    /**
     * Computes the root.
     *
     * @param hashes of the whole subtrees of a tree of at least this size
     * @param size how many leaves, at least 0
     * @return MTH(D[0:size])
     * @throws IOException if a hash cannot be read
     */
    public static Bytes root(TreeHashes hashes, long size) throws IOException {
        return size == 0 ? EMPTY_ROOT : range(hashes, 0, size);
    }

    /**
     * Computes PATH(index, D[size]) of section 2.1.3.1.
     *
     * @param hashes of the whole subtrees
     * @param index a leaf, from 0, below {@code size}
     * @param size of the tree
     * @return the hashes from the leaf's neighbour up
     * @throws IllegalArgumentException if the index is out of range
     * @throws IOException if a hash cannot be read
     */
    public static List<Bytes> inclusion(TreeHashes hashes, long index, long size) throws IOException {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException("index: expected 0 to " + (size - 1) + ", found " + index);
        }
        List<Bytes> path = new ArrayList<>();
        long start = 0;
        long end = size;
        while (end - start > 1) {
            long middle = start + split(end - start);
            if (index < middle) {
                path.add(range(hashes, middle, end));
                end = middle;
            } else {
                path.add(range(hashes, start, middle));
                start = middle;
            }
        }
        return path.reversed();
    }

    /**
     * Computes PROOF(from, D[to]) of section 2.1.4.1.
     *
     * @param hashes of the whole subtrees
     * @param from the smaller size, at least 0
     * @param to the larger size
     * @return the hashes, none where one tree is empty or both are the same
     * @throws IllegalArgumentException if the sizes are out of range
     * @throws IOException if a hash cannot be read
     */
    public static List<Bytes> consistency(TreeHashes hashes, long from, long to) throws IOException {
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("sizes: expected 0 <= from <= to, found " + from + " and " + to);
        }
        List<Bytes> proof = new ArrayList<>();
        if (from == 0 || from == to) {
            return proof;
        }
        long start = 0;
        long end = to;
        boolean whole = true;
        while (from != end) {
            long middle = start + split(end - start);
            if (from <= middle) {
                proof.add(range(hashes, middle, end));
                end = middle;
            } else {
                proof.add(range(hashes, start, middle));
                start = middle;
                whole = false;
            }
        }
        if (!whole) {
            proof.add(range(hashes, start, end));
        }
        return proof.reversed();
    }

    /**
     * Computes the root that a leaf and its path lead to (section 2.1.3.2).
     *
     * @param leafHash the leaf's hash
     * @param index where the leaf stands
     * @param size of the tree
     * @param path hostile hashes
     * @return the root, or nothing where the path has not exactly the length that it must have
     */
    public static Optional<Bytes> rootFrom(Bytes leafHash, long index, long size, List<Bytes> path) {
        if (index < 0 || index >= size) {
            return Optional.empty();
        }
        long node = index;
        long last = size - 1;
        Bytes hash = leafHash;
        for (Bytes each : path) {
            if (last == 0) {
                return Optional.empty();
            }
            if ((node & 1) == 1 || node == last) {
                hash = nodeHash(each, hash);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = nodeHash(hash, each);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 ? Optional.of(hash) : Optional.empty();
    }

    /**
     * Verifies a consistency proof (section 2.1.4.2).
     *
     * @param proof sizes and hostile hashes
     * @param older the root of the smaller tree
     * @param newer the root of the larger tree
     * @return whether the smaller tree is the beginning of the larger
     */
    static boolean consistent(ConsistencyProof proof, Bytes older, Bytes newer) {
        if (proof.from() == proof.to()) {
            return proof.path().isEmpty() && older.equals(newer);
        } else if (proof.from() == 0) {
            return proof.path().isEmpty() && older.equals(EMPTY_ROOT);
        } else if (proof.path().isEmpty()) {
            return false;
        }
        List<Bytes> path = new ArrayList<>(proof.path());
        if (Long.bitCount(proof.from()) == 1) {
            // The smaller tree is a whole subtree, whose root the verifier has.
            path.addFirst(older);
        }
        long node = proof.from() - 1;
        long last = proof.to() - 1;
        while ((node & 1) == 1) {
            node >>= 1;
            last >>= 1;
        }
        Bytes first = path.getFirst();
        Bytes second = path.getFirst();
        for (Bytes each : path.subList(1, path.size())) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                first = nodeHash(each, first);
                second = nodeHash(each, second);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                second = nodeHash(second, each);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && first.equals(older) && second.equals(newer);
    }

    /** MTH(D[start:end]), where start is a multiple of the smallest power of two that holds the range. */
    private static Bytes range(TreeHashes hashes, long start, long end) throws IOException {
        long count = end - start;
        if (Long.bitCount(count) == 1) {
            int level = Long.numberOfTrailingZeros(count);
            return hashes.hash(level, start >> level);
        }
        long middle = start + split(count);
        return nodeHash(range(hashes, start, middle), range(hashes, middle, end));
    }

    /** The largest power of two below a count of at least two. */
    private static long split(long count) {
        return Long.highestOneBit(count - 1);
    }
}
