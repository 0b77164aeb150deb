package org.innerkeep.attestation.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.Test;

/** The tree against RFC 9162 section 2.1, whose definitions are written down here once more, word by word and slow. */
class MerkleTreeTest {
    private static final int MOST = 70;
    private static final List<Bytes> LEAVES =
            IntStream.range(0, MOST).mapToObj(i -> Bytes.of(("leaf " + i).getBytes(UTF_8))).toList();

    /** Whole subtrees of the leaves. */
    private static final class Kept implements TreeHashes {
        @Override
        public Bytes hash(int level, long position) {
            int from = (int) position << level;
            return mth(LEAVES.subList(from, from + (1 << level)));
        }
    }

    @Test
    void rootOverNothingIsTheDigestOfNothing() {
        assertThat(MerkleTree.EMPTY_ROOT.hex()).isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assertThat(new TreeGrowth().root()).isEqualTo(MerkleTree.EMPTY_ROOT);
    }

    /** By hand: the digest of the single byte 00, and of 01 with two of those. */
    @Test
    void leavesAndNodesHaveTheirPrefixes() throws NoSuchAlgorithmException {
        Bytes empty = Bytes.fromHex("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        assertThat(MerkleTree.leafHash(new byte[0])).isEqualTo(empty);

        byte[] node = HexFormat.of().parseHex("01" + empty.hex() + empty.hex());
        assertThat(MerkleTree.nodeHash(empty, empty).toArray()).isEqualTo(MessageDigest.getInstance("SHA-256").digest(node));
    }

    /** Figure 3 of section 2.1.5: seven leaves, with the proofs that the text below it lists. */
    @Test
    void proofsAreThoseOfTheExampleWithSevenLeaves() throws IOException {
        List<Bytes> d = LEAVES;
        Bytes a = MerkleTree.leafHash(d.get(0).toArray());
        Bytes b = MerkleTree.leafHash(d.get(1).toArray());
        Bytes c = MerkleTree.leafHash(d.get(2).toArray());
        Bytes dd = MerkleTree.leafHash(d.get(3).toArray());
        Bytes e = MerkleTree.leafHash(d.get(4).toArray());
        Bytes f = MerkleTree.leafHash(d.get(5).toArray());
        Bytes j = MerkleTree.leafHash(d.get(6).toArray());
        Bytes g = MerkleTree.nodeHash(a, b);
        Bytes h = MerkleTree.nodeHash(c, dd);
        Bytes i = MerkleTree.nodeHash(e, f);
        Bytes k = MerkleTree.nodeHash(g, h);
        Bytes l = MerkleTree.nodeHash(i, j);
        Kept kept = new Kept();

        assertThat(MerkleTree.root(kept, 7)).isEqualTo(MerkleTree.nodeHash(k, l));
        assertThat(MerkleTree.inclusion(kept, 0, 7)).containsExactly(b, h, l);
        assertThat(MerkleTree.inclusion(kept, 3, 7)).containsExactly(c, g, l);
        assertThat(MerkleTree.inclusion(kept, 4, 7)).containsExactly(f, j, k);
        assertThat(MerkleTree.inclusion(kept, 6, 7)).containsExactly(i, k);
        assertThat(MerkleTree.consistency(kept, 3, 7)).containsExactly(c, dd, g, l);
        assertThat(MerkleTree.consistency(kept, 4, 7)).containsExactly(l);
        assertThat(MerkleTree.consistency(kept, 6, 7)).containsExactly(i, j, k);
    }

    @Test
    void growthHasTheRootOfTheDefinitionAtEverySize() {
        TreeGrowth growth = new TreeGrowth();
        for (int size = 1; size <= MOST; size++) {
            growth.append(LEAVES.get(size - 1).toArray());
            assertThat(growth.root()).as("size " + size).isEqualTo(mth(LEAVES.subList(0, size)));
        }
    }

    @Test
    void growthFinishesEachWholeSubtreeOnce() {
        TreeGrowth growth = new TreeGrowth();
        LEAVES.forEach(leaf -> growth.append(leaf.toArray()));
        Kept kept = new Kept();
        List<TreeGrowth.Node> finished = growth.takeFinished();

        // 70 = 64 + 4 + 2 leaves: as many inner nodes as leaves, less one for each subtree that no larger one contains.
        assertThat(finished).hasSize(MOST + MOST - 3).doesNotHaveDuplicates();
        assertThat(finished).allMatch(node -> node.hash().equals(kept.hash(node.level(), node.position())));
        assertThat(growth.takeFinished()).isEmpty();
    }

    @Test
    void growthGoesOnFromAStoredTree() throws IOException {
        for (int size = 0; size < MOST; size++) {
            TreeGrowth growth = TreeGrowth.resume(new Kept(), size);
            assertThat(growth.root()).isEqualTo(mth(LEAVES.subList(0, size)));
            growth.append(LEAVES.get(size).toArray());
            assertThat(growth.root()).isEqualTo(mth(LEAVES.subList(0, size + 1)));
        }
    }

    @Test
    void copyGrowsOnItsOwn() {
        TreeGrowth growth = new TreeGrowth();
        growth.append(new byte[] {1});
        Bytes before = growth.root();
        growth.copy().append(new byte[] {2});

        assertThat(growth.root()).isEqualTo(before);
        assertThat(growth.size()).isEqualTo(1);
    }

    @Test
    void everyInclusionProofIsThatOfTheDefinitionAndVerifies() throws IOException {
        for (int size = 1; size <= MOST; size++) {
            Bytes root = mth(LEAVES.subList(0, size));
            for (int index = 0; index < size; index++) {
                List<Bytes> path = MerkleTree.inclusion(new Kept(), index, size);
                assertThat(path).isEqualTo(path(index, LEAVES.subList(0, size)));
                assertThat(MerkleTree.rootFrom(MerkleTree.leafHash(LEAVES.get(index).toArray()), index, size, path)).contains(root);
            }
        }
    }

    @Test
    void noOtherLeafPlaceOrPathVerifies() throws IOException {
        for (int size = 1; size <= 20; size++) {
            Bytes root = mth(LEAVES.subList(0, size));
            for (int index = 0; index < size; index++) {
                List<Bytes> path = MerkleTree.inclusion(new Kept(), index, size);
                Bytes leaf = MerkleTree.leafHash(LEAVES.get(index).toArray());
                Optional<Bytes> right = Optional.of(root);

                assertThat(MerkleTree.rootFrom(MerkleTree.leafHash(new byte[0]), index, size, path)).isNotEqualTo(right);
                for (int other = 0; other < size; other++) {
                    if (other != index) {
                        assertThat(MerkleTree.rootFrom(leaf, other, size, path)).isNotEqualTo(right);
                    }
                }
                List<Bytes> longer = new ArrayList<>(path);
                longer.add(root);
                assertThat(MerkleTree.rootFrom(leaf, index, size, longer)).isNotEqualTo(right);
                for (int i = 0; i < path.size(); i++) {
                    List<Bytes> changed = new ArrayList<>(path);
                    changed.set(i, MerkleTree.EMPTY_ROOT);
                    assertThat(MerkleTree.rootFrom(leaf, index, size, changed)).isNotEqualTo(right);
                    changed.remove(i);
                    assertThat(MerkleTree.rootFrom(leaf, index, size, changed)).isNotEqualTo(right);
                }
            }
        }
    }

    @Test
    void everyConsistencyProofIsThatOfTheDefinitionAndVerifies() throws IOException {
        for (int to = 0; to <= MOST; to++) {
            for (int from = 0; from <= to; from++) {
                List<Bytes> path = MerkleTree.consistency(new Kept(), from, to);
                if (from > 0 && from < to) {
                    assertThat(path).isEqualTo(subproof(from, LEAVES.subList(0, to), true));
                }
                assertThat(MerkleTree.consistent(
                                new ConsistencyProof(from, to, path), mth(LEAVES.subList(0, from)), mth(LEAVES.subList(0, to))))
                        .as(from + " to " + to)
                        .isTrue();
            }
        }
    }

    @Test
    void noConsistencyProofVerifiesForAnotherHistory() throws IOException {
        for (int to = 1; to <= 20; to++) {
            for (int from = 1; from <= to; from++) {
                List<Bytes> path = MerkleTree.consistency(new Kept(), from, to);
                Bytes older = mth(LEAVES.subList(0, from));
                Bytes newer = mth(LEAVES.subList(0, to));
                Bytes other = MerkleTree.EMPTY_ROOT;

                assertThat(MerkleTree.consistent(new ConsistencyProof(from, to, path), other, newer)).isFalse();
                assertThat(MerkleTree.consistent(new ConsistencyProof(from, to, path), older, other)).isFalse();
                for (int i = 0; i < path.size(); i++) {
                    List<Bytes> changed = new ArrayList<>(path);
                    changed.set(i, other);
                    assertThat(MerkleTree.consistent(new ConsistencyProof(from, to, changed), older, newer)).isFalse();
                    changed.remove(i);
                    assertThat(MerkleTree.consistent(new ConsistencyProof(from, to, changed), older, newer)).isFalse();
                }
                List<Bytes> longer = new ArrayList<>(path);
                longer.add(other);
                assertThat(MerkleTree.consistent(new ConsistencyProof(from, to, longer), older, newer)).isFalse();
            }
        }
    }

    /** What an appender knows suffices for the proofs of what it appended, at every size before and for every number of new leaves. */
    @Test
    void newLeavesAreProvenWithoutReading() throws IOException {
        for (int before = 0; before < 20; before++) {
            for (int more = 1; more <= 18; more++) {
                TreeGrowth old = TreeGrowth.resume(new Kept(), before);
                TreeGrowth growth = old.copy();
                LEAVES.subList(before, before + more).forEach(leaf -> growth.append(leaf.toArray()));
                TreeHashes known = TreeGrowth.hashesOfNew(old, growth.takeFinished());
                for (int index = before; index < before + more; index++) {
                    assertThat(MerkleTree.inclusion(known, index, before + more))
                            .isEqualTo(path(index, LEAVES.subList(0, before + more)));
                }
            }
        }
    }

    @Test
    void proofsReadFewHashesOfALargeTree() throws IOException {
        Map<String, Bytes> made = new HashMap<>();
        int[] read = {0};
        TreeHashes hashes = (level, position) -> {
            read[0]++;
            return made.computeIfAbsent(level + "/" + position, key -> Bytes.sha256(key.getBytes(UTF_8)));
        };
        long size = (1L << 40) - 1;

        MerkleTree.inclusion(hashes, 12_345, size);
        assertThat(read[0]).isLessThan(2 * 40);
        read[0] = 0;
        MerkleTree.consistency(hashes, 987_654_321L, size);
        assertThat(read[0]).isLessThan(3 * 40);
    }

    @Test
    void leavesAndSizesOutOfRangeAreRefused() {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> MerkleTree.inclusion(new Kept(), 3, 3));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> MerkleTree.inclusion(new Kept(), -1, 3));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> MerkleTree.consistency(new Kept(), 4, 3));
        assertThat(MerkleTree.rootFrom(MerkleTree.EMPTY_ROOT, 3, 3, List.of())).isEmpty();
    }

    /** MTH of section 2.1.1. */
    private static Bytes mth(List<Bytes> d) {
        if (d.isEmpty()) {
            return Bytes.sha256();
        } else if (d.size() == 1) {
            return Bytes.sha256(new byte[] {0}, d.getFirst().toArray());
        }
        int k = k(d.size());
        return Bytes.sha256(
                new byte[] {1}, mth(d.subList(0, k)).toArray(), mth(d.subList(k, d.size())).toArray());
    }

    /** PATH of section 2.1.3.1. */
    private static List<Bytes> path(int m, List<Bytes> d) {
        if (d.size() == 1) {
            return List.of();
        }
        int k = k(d.size());
        return m < k
                ? with(path(m, d.subList(0, k)), mth(d.subList(k, d.size())))
                : with(path(m - k, d.subList(k, d.size())), mth(d.subList(0, k)));
    }

    /** SUBPROOF of section 2.1.4.1. */
    private static List<Bytes> subproof(int m, List<Bytes> d, boolean b) {
        if (m == d.size()) {
            return b ? List.of() : List.of(mth(d));
        }
        int k = k(d.size());
        return m <= k
                ? with(subproof(m, d.subList(0, k), b), mth(d.subList(k, d.size())))
                : with(subproof(m - k, d.subList(k, d.size()), false), mth(d.subList(0, k)));
    }

    private static List<Bytes> with(List<Bytes> list, Bytes last) {
        List<Bytes> longer = new ArrayList<>(list);
        longer.add(last);
        return longer;
    }

    private static int k(int n) {
        int k = 1;
        while (k * 2 < n) {
            k *= 2;
        }
        return k;
    }
}
