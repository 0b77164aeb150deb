package org.innerkeep.attestation.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.innerkeep.attestation.log.LogVerdict.Code;
import org.innerkeep.attestation.log.LogVerdict.Finding;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * Verifies what a log says, with its pinned key and nothing else. Steps for receipts and a log:
 *
 * <ol>
 *   <li>each receipt's head is signed by the pinned key, and its path leads from its leaf to that head's root;
 *   <li>no two receipts contradict each other: no two leaves at one place, no two roots of one size;
 *   <li>the log's own head is signed by the pinned key and not smaller than any receipt's;
 *   <li>each leaf says that it stands where it stands;
 *   <li>the leaves up to the size of each receipt's head give exactly that head's root, and all leaves that of the log's own head.
 * </ol>
 *
 * <p>The last step uses the leaves alone, no hashes that the log keeps. It reads the whole log once, in little memory.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class LogVerifier {
    private final LogAnchor anchor;

    /**
     * Pins a log.
     *
     * @param anchor the log's key
     */
    public LogVerifier(LogAnchor anchor) {
        this.anchor = anchor;
    }

    /**
     * Verifies a receipt by itself: the log did sign that it contains this leaf.
     *
     * @param receipt a receipt, hostile
     * @return the verdict
     */
    public LogVerdict verify(Receipt receipt) {
        List<Finding> findings = new ArrayList<>();
        checkReceipt(receipt, findings);
        return LogVerdict.of(findings);
    }

    /**
     * Verifies receipts by themselves and among each other, without the log: whether it signed two things that contradict.
     *
     * @param receipts any number of receipts, hostile
     * @return the verdict
     */
    public LogVerdict verify(Collection<Receipt> receipts) {
        List<Finding> findings = new ArrayList<>();
        checkReceipts(receipts, findings);
        return LogVerdict.of(findings);
    }

    /**
     * Verifies that one head goes on from another.
     *
     * @param older a signed head
     * @param newer a signed head of at least the same size
     * @param proof what the log gives as proof
     * @return the verdict
     */
    public LogVerdict verify(LogHead.Signed older, LogHead.Signed newer, ConsistencyProof proof) {
        List<Finding> findings = new ArrayList<>();
        checkHead("the older head", older, findings);
        checkHead("the newer head", newer, findings);
        LogHead first = older.head();
        LogHead second = newer.head();
        if (second.size() < first.size()) {
            findings.add(new Finding(
                    Code.TRUNCATED, "the newer head has " + second.size() + " leaves, the older one " + first.size()));
        } else if (first.size() == second.size()) {
            checkSameRoot(first, second, findings);
        } else if (proof.from() != first.size() || proof.to() != second.size() || !MerkleTree.consistent(proof, first.root(), second.root())) {
            findings.add(new Finding(Code.INCONSISTENT, "the log of " + first.size() + " leaves is not shown to be the beginning of the log of "
                    + second.size()));
        }
        return LogVerdict.of(findings);
    }

    /**
     * Verifies a whole log by itself.
     *
     * @param log the log, hostile
     * @return the verdict
     * @throws IOException if the log cannot be read
     */
    public LogVerdict verify(LogSource log) throws IOException {
        return verify(List.of(), log);
    }

    /**
     * Verifies receipts among each other and against a whole log.
     *
     * @param receipts any number of receipts, hostile
     * @param log the log, hostile
     * @return the verdict
     * @throws IOException if the log cannot be read
     */
    public LogVerdict verify(Collection<Receipt> receipts, LogSource log) throws IOException {
        List<Finding> findings = new ArrayList<>();
        List<Receipt> genuine = checkReceipts(receipts, findings);
        Optional<LogHead.Signed> head = log.head();
        if (head.isEmpty()) {
            findings.add(new Finding(Code.TRUNCATED, "the log has no head"));
            return LogVerdict.of(findings);
        }
        checkHead("the log's head", head.get(), findings);
        checkLeaves(genuine, log, head.get().head(), findings);
        return LogVerdict.of(findings);
    }

    /** Returns those that the pinned log did sign. */
    private List<Receipt> checkReceipts(Collection<Receipt> receipts, List<Finding> findings) {
        List<Receipt> genuine = new ArrayList<>();
        for (Receipt receipt : receipts) {
            if (checkReceipt(receipt, findings)) {
                genuine.add(receipt);
            }
        }
        checkAmongEachOther(genuine, findings);
        return genuine;
    }

    /** Returns whether the pinned log did sign this receipt. */
    private boolean checkReceipt(Receipt receipt, List<Finding> findings) {
        LogHead head = receipt.head().head();
        boolean signed = checkHead("the receipt's head of " + head.size() + " leaves", receipt.head(), findings);
        Optional<Bytes> root = MerkleTree.rootFrom(
                MerkleTree.leafHash(receipt.entry().toByteArray()), receipt.entry().sequence(), head.size(), receipt.path());
        if (!root.equals(Optional.of(head.root()))) {
            findings.add(new Finding(
                    Code.NOT_INCLUDED, "the receipt's path does not lead from leaf " + receipt.entry().sequence() + " to its head"));
            return false;
        }
        return signed;
    }

    private boolean checkHead(String which, LogHead.Signed head, List<Finding> findings) {
        if (!head.logId().equals(anchor.id())) {
            findings.add(new Finding(Code.WRONG_KEY, which + ": expected the log " + anchor.id().shortHex() + ", found "
                    + head.logId().shortHex()));
            return false;
        } else if (!head.signedBy(anchor)) {
            findings.add(new Finding(Code.SIGNATURE_INVALID, which + ": the pinned key did not sign it"));
            return false;
        }
        return true;
    }

    private static void checkSameRoot(LogHead one, LogHead other, List<Finding> findings) {
        if (!one.root().equals(other.root())) {
            findings.add(new Finding(Code.FORKED, "two heads of " + one.size() + " leaves have the roots " + one.root().shortHex()
                    + " and " + other.root().shortHex()));
        }
    }

    private static void checkAmongEachOther(List<Receipt> receipts, List<Finding> findings) {
        Map<Long, Receipt> byPlace = new HashMap<>();
        Map<Long, Receipt> bySize = new HashMap<>();
        for (Receipt receipt : receipts) {
            Receipt there = byPlace.putIfAbsent(receipt.entry().sequence(), receipt);
            if (there != null && !there.entry().equals(receipt.entry())) {
                findings.add(new Finding(
                        Code.EQUIVOCATED, "two receipts have different leaves at " + receipt.entry().sequence()));
            }
            Receipt ofSize = bySize.putIfAbsent(receipt.head().head().size(), receipt);
            if (ofSize != null) {
                checkSameRoot(ofSize.head().head(), receipt.head().head(), findings);
            }
        }
    }

    /** Steps 3 to 5, in one pass over the leaves. */
    private static void checkLeaves(List<Receipt> receipts, LogSource log, LogHead head, List<Finding> findings) throws IOException {
        Map<Long, Receipt> byPlace = new HashMap<>();
        TreeMap<Long, Bytes> rootsBySize = new TreeMap<>();
        for (Receipt receipt : receipts) {
            byPlace.put(receipt.entry().sequence(), receipt);
            rootsBySize.put(receipt.head().head().size(), receipt.head().head().root());
        }
        if (rootsBySize.getOrDefault(head.size(), head.root()).equals(head.root())) {
            rootsBySize.put(head.size(), head.root());
        } else {
            findings.add(new Finding(Code.FORKED, "the log's head and a receipt's, both of " + head.size() + " leaves, have different roots"));
        }
        if (rootsBySize.lastKey() > head.size()) {
            findings.add(new Finding(Code.TRUNCATED, "the log's head has " + head.size() + " leaves, a receipt's has " + rootsBySize.lastKey()));
        }
        TreeGrowth tree = new TreeGrowth();
        boolean wellFormed = true;
        while (tree.size() < head.size()) {
            List<Bytes> leaves = log.leaves(tree.size(), (int) Math.min(LogSource.MAX_LEAVES, head.size() - tree.size()));
            if (leaves.isEmpty()) {
                findings.add(new Finding(Code.TRUNCATED, "the log has " + tree.size() + " leaves, its head signs " + head.size()));
                return;
            }
            for (Bytes leaf : leaves) {
                // One such finding says enough: whoever wants more of a log that is wrong looks at it.
                wellFormed = wellFormed && checkLeaf(leaf, tree.size(), findings);
                Receipt receipt = byPlace.get(tree.size());
                if (receipt != null && !Bytes.of(receipt.entry().toByteArray()).equals(leaf)) {
                    findings.add(new Finding(Code.LEAF_REWRITTEN, "leaf " + tree.size() + " is not the one of the receipt"));
                }
                tree.append(leaf.toArray());
                tree.takeFinished();
                checkRoot(tree, rootsBySize, head, findings);
            }
        }
    }

    private static void checkRoot(TreeGrowth tree, Map<Long, Bytes> rootsBySize, LogHead head, List<Finding> findings) {
        Bytes signed = rootsBySize.get(tree.size());
        if (signed == null || tree.root().equals(signed)) {
            return;
        }
        findings.add(tree.size() == head.size() && signed.equals(head.root())
                ? new Finding(Code.HEAD_MISMATCH, "the log's head does not sign the leaves that the log has")
                : new Finding(Code.HISTORY_REWRITTEN, "the first " + tree.size() + " leaves are not those that a receipt's head signs"));
    }

    private static boolean checkLeaf(Bytes leaf, long place, List<Finding> findings) {
        try {
            long says = LogEntry.parse(leaf.toArray()).sequence();
            if (says != place) {
                findings.add(new Finding(Code.REORDERED, "leaf " + place + " says that it is leaf " + says));
            }
            return says == place;
        } catch (MalformedException e) {
            findings.add(new Finding(Code.LEAF_MALFORMED, "leaf " + place + ": " + e.getMessage()));
            return false;
        }
    }
}
