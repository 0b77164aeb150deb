package org.innerkeep.vault.key;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.vault.grant.Granted;

/**
 * The keys that had a name before the one that has it now, and were purged: of each version what it may be restored with at most, and the
 * grants that were not revoked. So an old backup brings back neither an older policy nor a grant that was taken back, nor gets a grant that
 * was given for another key of its name. The stored form is a CBOR array of byte strings, each a key.
 *
 * @param lives the oldest first; no version is in two of them
 */
record KeyPast(List<VaultKey> lives) {
    static final KeyPast NONE = new KeyPast(List.of());

    private static final int MOST = 1000;
    private static final int MAX_BYTES = 1 << 20;

    KeyPast {
        lives = List.copyOf(lives);
    }

    /** With a key that was purged. */
    KeyPast and(VaultKey purged) {
        List<VaultKey> all = new ArrayList<>(lives);
        all.add(bare(purged));
        return new KeyPast(all);
    }

    /** Without versions that are there again. */
    KeyPast without(Set<String> versions) {
        List<VaultKey> all = new ArrayList<>();
        for (VaultKey each : lives) {
            List<KeyVersion> left = each.versions().stream().filter(version -> !versions.contains(version.id())).toList();
            if (!left.isEmpty()) {
                all.add(each.versions(left));
            }
        }
        return new KeyPast(all);
    }

    /** The key that has a version, if one does. */
    Optional<VaultKey> of(String version) {
        return lives.stream().filter(each -> each.version(version).isPresent()).findFirst();
    }

    /** The ids of grants that a key may come back with. */
    Set<String> grants() {
        Set<String> ids = new HashSet<>();
        lives.forEach(each -> each.grants().forEach(granted -> ids.add(granted.grant().id())));
        return ids;
    }

    private static VaultKey bare(VaultKey key) {
        List<KeyVersion> versions = key.versions().stream()
                .map(each -> new KeyVersion(each.id(), each.type(), each.kty(), each.parameter(), Bytes.EMPTY, Bytes.EMPTY, each.epoch(),
                        new KeySettings(false, Optional.empty(), Optional.empty(), each.settings().exportable(), Set.of(), Map.of(),
                                each.settings().releasePolicy()),
                        each.created(), each.updated()))
                .toList();
        List<Granted> grants = key.grants().stream().filter(each -> each.revoked().isEmpty()).toList();
        return new VaultKey(key.name(), key.state(), versions, grants, Bytes.EMPTY);
    }

    byte[] toByteArray() {
        CborWriter writer = new CborWriter().array(lives.size());
        lives.forEach(each -> writer.bytes(KeyForm.write(each)));
        return writer.toByteArray();
    }

    static KeyPast parse(byte[] bytes) throws MalformedException {
        CborReader reader = new CborReader(bytes);
        List<VaultKey> lives = new ArrayList<>();
        for (int count = reader.array("former keys", 0, MOST); count > 0; count--) {
            lives.add(KeyForm.read(reader.bytes("former key", 1, MAX_BYTES)));
        }
        reader.end("former keys");
        return new KeyPast(lives);
    }

    /** Whether there is room for it. */
    boolean fits() {
        return lives.size() <= MOST && toByteArray().length <= KeyDocuments.MAX_BYTES;
    }
}
