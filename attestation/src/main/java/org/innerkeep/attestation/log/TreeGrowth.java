package org.innerkeep.attestation.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;

/**
 * The right edge of a tree: all that is needed to append. It holds the hash of each whole subtree that no larger whole subtree contains,
 * one for each bit of the size, and what was finished since {@link #takeFinished} was last called. Not safe for use by several threads.
 */
public final class TreeGrowth {
    /**
     * A subtree that became whole.
     *
     * @param level its height, at least 0
     * @param position how many of this height stand to its left
     * @param hash its hash
     */
    public record Node(int level, long position, Bytes hash) {}

    private record Place(int level, long position) {}

    /** Hashes by height; an entry counts only where the size has that bit. */
    private final Bytes[] peaks = new Bytes[Long.SIZE];

    private final List<Node> finished = new ArrayList<>();
    private long size;

    /** Begins with no leaves. */
    public TreeGrowth() {}

    private TreeGrowth(TreeGrowth other) {
        System.arraycopy(other.peaks, 0, peaks, 0, peaks.length);
        finished.addAll(other.finished);
        size = other.size;
    }

    /**
     * Goes on where a stored tree ends.
     *
     * @param hashes of its whole subtrees, of which one for each bit of the size is read
     * @param size how many leaves it has
     * @return its right edge
     * @throws IOException if a hash cannot be read
     */
    public static TreeGrowth resume(TreeHashes hashes, long size) throws IOException {
        TreeGrowth growth = new TreeGrowth();
        for (int level = 0; level < Long.SIZE - 1; level++) {
            if ((size >> level & 1) == 1) {
                growth.peaks[level] = hashes.hash(level, (size >> level) - 1);
            }
        }
        growth.size = size;
        return growth;
    }

    /** {@return a copy that grows on its own, for a change that may have to be given up} */
    public TreeGrowth copy() {
        return new TreeGrowth(this);
    }

    /** {@return how many leaves there are} */
    public long size() {
        return size;
    }

    /**
     * Appends a leaf.
     *
     * @param leaf its bytes
     */
    public void append(byte[] leaf) {
        Bytes hash = MerkleTree.leafHash(leaf);
        int level = 0;
        finished.add(new Node(0, size, hash));
        while ((size >> level & 1) == 1) {
            hash = MerkleTree.nodeHash(peaks[level], hash);
            level++;
            finished.add(new Node(level, size >> level, hash));
        }
        peaks[level] = hash;
        size++;
    }

    /** {@return the root over all leaves} */
    public Bytes root() {
        Optional<Bytes> root = Optional.empty();
        for (int level = 0; level < Long.SIZE - 1; level++) {
            if ((size >> level & 1) == 1) {
                Bytes peak = peaks[level];
                root = Optional.of(root.map(right -> MerkleTree.nodeHash(peak, right)).orElse(peak));
            }
        }
        return root.orElse(MerkleTree.EMPTY_ROOT);
    }

    /** {@return the subtrees that became whole since the last call, leaves among them, in the order in which they did} */
    public List<Node> takeFinished() {
        List<Node> taken = List.copyOf(finished);
        finished.clear();
        return taken;
    }

    /**
     * Gives what the inclusion of new leaves is proven with, without reading anything: whatever stands to the left of a leaf that came
     * after {@code before} was part of the right edge then, or is new itself.
     *
     * @param before the right edge before the new leaves
     * @param added what became whole since
     * @return hashes that suffice for {@link MerkleTree#inclusion} of the new leaves
     */
    public static TreeHashes hashesOfNew(TreeGrowth before, List<Node> added) {
        Map<Place, Bytes> known = new HashMap<>();
        for (int level = 0; level < Long.SIZE - 1; level++) {
            if ((before.size >> level & 1) == 1) {
                known.put(new Place(level, (before.size >> level) - 1), before.peaks[level]);
            }
        }
        added.forEach(node -> known.put(new Place(node.level(), node.position()), node.hash()));
        return (level, position) -> Optional.ofNullable(known.get(new Place(level, position)))
                .orElseThrow(() -> new IOException("no hash of level " + level + " at " + position));
    }
}
