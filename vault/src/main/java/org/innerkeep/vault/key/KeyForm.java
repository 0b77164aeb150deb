package org.innerkeep.vault.key;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.grant.Granted;

/**
 * The stored form of keys: CBOR arrays of every component in its order, sets and maps sorted, null for what is absent, times in
 * milliseconds, of settings in seconds. {@code write(read(b))} equals {@code b} for every {@code b} that is accepted.
 */
final class KeyForm {
    private static final int ACTIVE = 0;
    private static final int DELETED = 1;
    private static final int PURGED = 2;
    private static final int MAX_BY_BYTES = 1024;
    private static final long LAST_MILLI = KeySettings.LAST.toEpochMilli() + 999;
    private static final int UTF8 = 4;

    private KeyForm() {}

    static byte[] write(VaultKey key) {
        CborWriter writer = new CborWriter().array(5).text(key.name().text());
        switch (key.state()) {
            case KeyState.Active _ -> writer.array(1).integer(ACTIVE);
            case KeyState.Deleted deleted -> writer.array(3).integer(DELETED)
                    .integer(deleted.at().toEpochMilli()).integer(deleted.purgeAt().toEpochMilli());
            case KeyState.Purged purged -> writer.array(2).integer(PURGED).integer(purged.at().toEpochMilli());
        }
        writer.array(key.versions().size());
        key.versions().forEach(each -> write(each, writer));
        writer.array(key.grants().size());
        key.grants().forEach(each -> write(each, writer));
        return writer.bytes(key.rotation().toArray()).toByteArray();
    }

    private static void write(KeyVersion version, CborWriter writer) {
        writer.array(10)
                .text(version.id())
                .integer(version.type().number())
                .text(version.kty())
                .text(version.parameter())
                .bytes(version.publicKey().toArray())
                .bytes(version.wrapped().toArray())
                .integer(version.epoch());
        write(version.settings(), writer);
        writer.integer(version.created().toEpochMilli()).integer(version.updated().toEpochMilli());
    }

    private static void write(KeySettings settings, CborWriter writer) {
        writer.array(7).bool(settings.enabled());
        settings.notBefore().ifPresentOrElse(each -> writer.integer(each.getEpochSecond()), writer::nil);
        settings.expires().ifPresentOrElse(each -> writer.integer(each.getEpochSecond()), writer::nil);
        writer.bool(settings.exportable()).array(settings.operations().size());
        settings.operations().forEach(writer::text);
        writer.array(settings.tags().size());
        settings.tags().forEach((name, value) -> writer.array(2).text(name).text(value));
        settings.releasePolicy().ifPresentOrElse(
                each -> writer.array(3).text(each.contentType()).bytes(each.data().toArray()).bool(each.immutable()), writer::nil);
    }

    private static void write(Granted granted, CborWriter writer) {
        writer.array(4);
        granted.grant().write(writer);
        writer.integer(granted.at().toEpochMilli()).text(granted.by());
        granted.revoked().ifPresentOrElse(
                each -> writer.array(2).integer(each.at().toEpochMilli()).text(each.by()), writer::nil);
    }

    static VaultKey read(byte[] bytes) throws MalformedException {
        CborReader reader = new CborReader(bytes);
        try {
            reader.arrayOf("key", 5);
            String text = reader.text("name", KeyName.MAX_CHARS);
            KeyName name = new KeyName(text);
            if (!name.text().equals(text)) {
                throw new MalformedException("name", -1, "expected lower case");
            }
            KeyState state = readState(reader);
            List<KeyVersion> versions = new ArrayList<>();
            for (int count = reader.array("versions", 1, VaultKey.MAX_VERSIONS); count > 0; count--) {
                versions.add(readVersion(reader));
            }
            List<Granted> grants = new ArrayList<>();
            for (int count = reader.array("grants", 0, VaultKey.MAX_GRANTS); count > 0; count--) {
                grants.add(readGranted(reader));
            }
            Bytes rotation = Bytes.of(reader.bytes("rotation", 0, VaultKey.MAX_ROTATION_BYTES));
            reader.end("key");
            return new VaultKey(name, state, versions, grants, rotation);
        } catch (IllegalArgumentException e) {
            throw new MalformedException("key", -1, String.valueOf(e.getMessage()));
        }
    }

    private static KeyState readState(CborReader reader) throws MalformedException {
        int items = reader.array("state", 1, 3);
        long state = reader.integer("state", ACTIVE, PURGED);
        if (state == ACTIVE && items == 1) {
            return new KeyState.Active();
        }
        if (state == DELETED && items == 3) {
            return new KeyState.Deleted(milli(reader, "deleted"), milli(reader, "purge at"));
        }
        if (state == PURGED && items == 2) {
            return new KeyState.Purged(milli(reader, "purged"));
        }
        throw new MalformedException("state", reader.offset(), "expected as many times as the state has");
    }

    private static KeyVersion readVersion(CborReader reader) throws MalformedException {
        reader.arrayOf("version", 10);
        return new KeyVersion(
                reader.text("id", 32),
                KeyType.of(reader.integer("type", 1, 4)),
                reader.text("kty", KeyVersion.MAX_WORD),
                reader.text("parameter", KeyVersion.MAX_WORD),
                Bytes.of(reader.bytes("public key", 0, KeyVersion.MAX_PUBLIC_BYTES)),
                Bytes.of(reader.bytes("wrapped secret", 0, KeyVersion.MAX_WRAPPED_BYTES)),
                reader.integer("epoch", 0, Long.MAX_VALUE),
                readSettings(reader),
                milli(reader, "created"),
                milli(reader, "updated"));
    }

    private static KeySettings readSettings(CborReader reader) throws MalformedException {
        reader.arrayOf("settings", 7);
        boolean enabled = reader.bool("enabled");
        Optional<Instant> notBefore = second(reader, "not before");
        Optional<Instant> expires = second(reader, "expires");
        boolean exportable = reader.bool("exportable");
        TreeSet<String> operations = new TreeSet<>();
        for (int count = reader.array("operations", 0, KeySettings.MAX_OPERATIONS); count > 0; count--) {
            String each = reader.text("operation", UTF8 * KeySettings.MAX_OPERATION_CHARS);
            if (!operations.add(each) || !operations.last().equals(each)) {
                throw new MalformedException("operations", reader.offset(), "expected them in order, each once");
            }
        }
        Map<String, String> tags = new LinkedHashMap<>();
        String last = "";
        for (int count = reader.array("tags", 0, KeySettings.MAX_TAGS); count > 0; count--) {
            reader.arrayOf("tag", 2);
            String name = reader.text("tag's name", UTF8 * KeySettings.MAX_TAG_CHARS);
            if (!tags.isEmpty() && name.compareTo(last) <= 0) {
                throw new MalformedException("tags", reader.offset(), "expected them in order, each once");
            }
            tags.put(name, reader.text("tag", UTF8 * KeySettings.MAX_TAG_CHARS));
            last = name;
        }
        Optional<ReleasePolicy> policy = Optional.empty();
        if (reader.peek() == CborReader.Type.NULL) {
            reader.nil("release policy");
        } else {
            reader.arrayOf("release policy", 3);
            policy = Optional.of(new ReleasePolicy(
                    reader.text("content type", 512), Bytes.of(reader.bytes("policy", 0, ReleasePolicy.MAX_BYTES)),
                    reader.bool("immutable")));
        }
        return new KeySettings(enabled, notBefore, expires, exportable, operations, tags, policy);
    }

    private static Granted readGranted(CborReader reader) throws MalformedException {
        reader.arrayOf("granted", 4);
        Grant grant = Grant.read(reader);
        Instant at = milli(reader, "granted at");
        String by = reader.text("granted by", MAX_BY_BYTES);
        if (reader.peek() == CborReader.Type.NULL) {
            reader.nil("revoked");
            return new Granted(grant, at, by, Optional.empty());
        }
        reader.arrayOf("revoked", 2);
        return new Granted(grant, at, by,
                Optional.of(new Granted.Revoked(milli(reader, "revoked at"), reader.text("revoked by", MAX_BY_BYTES))));
    }

    private static Instant milli(CborReader reader, String field) throws MalformedException {
        return Instant.ofEpochMilli(reader.integer(field, 0, LAST_MILLI));
    }

    private static Optional<Instant> second(CborReader reader, String field) throws MalformedException {
        if (reader.peek() == CborReader.Type.NULL) {
            reader.nil(field);
            return Optional.empty();
        }
        return Optional.of(Instant.ofEpochSecond(reader.integer(field, 0, KeySettings.LAST.getEpochSecond())));
    }
}
