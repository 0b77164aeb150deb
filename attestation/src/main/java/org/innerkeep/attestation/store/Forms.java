package org.innerkeep.attestation.store;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.log.LogEntry;
import org.innerkeep.attestation.store.SigningKey.KeyMaterial;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/** How the kinds of documents are written: a policy as its own text, the others as CBOR. */
final class Forms {
    static final int MAX_SIGNERS = 64;
    static final int MAX_KEYS = 64;
    static final int MAX_APPROVALS = 2;

    private static final int MAX_UTF8_PER_CHAR = 3;
    private static final int WRAPPED = 1;
    private static final int PKCS11 = 2;

    private Forms() {}

    /** A policy's text in UTF-8; its digest is that of the text as it was sent. */
    record Policy() implements Documents.Form<Optional<String>> {
        @Override
        public String kind() {
            return "policy";
        }

        @Override
        public String leaf(Optional<String> value) {
            return value.isPresent() ? LogEntry.POLICY_SET : LogEntry.POLICY_RESET;
        }

        @Override
        public Optional<Bytes> encode(Optional<String> value) {
            return value.map(text -> Bytes.of(text.getBytes(StandardCharsets.UTF_8)));
        }

        @Override
        public Optional<String> decode(Optional<Bytes> body) throws MalformedException {
            if (body.isEmpty()) {
                return Optional.empty();
            }
            try {
                ByteBuffer bytes = ByteBuffer.wrap(body.get().toArray());
                return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
            } catch (CharacterCodingException e) {
                throw new MalformedException("policy", -1, "expected UTF-8, found other bytes");
            }
        }
    }

    /** Certificates, DER. */
    record Signers() implements Documents.Form<List<Bytes>> {
        @Override
        public String kind() {
            return "signers";
        }

        @Override
        public String leaf(List<Bytes> value) {
            return LogEntry.SIGNERS_SET;
        }

        @Override
        public Optional<Bytes> encode(List<Bytes> value) {
            CborWriter writer = new CborWriter().array(value.size());
            value.forEach(each -> writer.bytes(each.toArray()));
            return Optional.of(Bytes.of(writer.toByteArray()));
        }

        @Override
        public List<Bytes> decode(Optional<Bytes> body) throws MalformedException {
            CborReader reader = new CborReader(present(body, "signers"));
            List<Bytes> certificates = certificates(reader, 0, MAX_SIGNERS);
            reader.end("signers");
            return List.copyOf(certificates);
        }
    }

    /** Keys: each an array of id, certificates, where the private key is, and three times in milliseconds. */
    record Keys() implements Documents.Form<List<SigningKey>> {
        @Override
        public String kind() {
            return "keys";
        }

        @Override
        public String leaf(List<SigningKey> value) {
            return LogEntry.KEYS_SET;
        }

        @Override
        public Optional<Bytes> encode(List<SigningKey> value) {
            CborWriter writer = new CborWriter().array(value.size());
            value.forEach(key -> {
                writer.array(7).text(key.kid()).array(key.certificates().size());
                key.certificates().forEach(each -> writer.bytes(each.toArray()));
                switch (key.material()) {
                    case KeyMaterial.Wrapped wrapped -> writer.integer(WRAPPED).bytes(wrapped.bytes().toArray());
                    case KeyMaterial.Pkcs11 token -> writer.integer(PKCS11).text(token.reference());
                }
                writer.integer(key.createdAt().toEpochMilli())
                        .integer(key.activeFrom().toEpochMilli())
                        .integer(key.retireAt().toEpochMilli());
            });
            return Optional.of(Bytes.of(writer.toByteArray()));
        }

        @Override
        public List<SigningKey> decode(Optional<Bytes> body) throws MalformedException {
            CborReader reader = new CborReader(present(body, "keys"));
            List<SigningKey> keys = new ArrayList<>();
            for (int count = reader.array("keys", 0, MAX_KEYS); count > 0; count--) {
                keys.add(key(reader));
            }
            reader.end("keys");
            return List.copyOf(keys);
        }

        private static SigningKey key(CborReader reader) throws MalformedException {
            reader.arrayOf("key", 7);
            String kid = reader.text("kid", SigningKey.MAX_KID_CHARS * MAX_UTF8_PER_CHAR);
            List<Bytes> certificates = certificates(reader, 1, SigningKey.MAX_CERTIFICATES);
            KeyMaterial material = reader.integer("material", WRAPPED, PKCS11) == WRAPPED
                    ? new KeyMaterial.Wrapped(Bytes.of(reader.bytes("wrapped key", 1, SigningKey.MAX_WRAPPED_BYTES)))
                    : new KeyMaterial.Pkcs11(reader.text("reference", SigningKey.MAX_REFERENCE_CHARS * MAX_UTF8_PER_CHAR));
            Instant createdAt = Instant.ofEpochMilli(reader.integer("created at"));
            Instant activeFrom = Instant.ofEpochMilli(reader.integer("active from"));
            Instant retireAt = Instant.ofEpochMilli(reader.integer("retire at"));
            try {
                return new SigningKey(kid, certificates, material, createdAt, activeFrom, retireAt);
            } catch (IllegalArgumentException e) {
                throw new MalformedException("key", -1, String.valueOf(e.getMessage()));
            }
        }
    }

    /** Changes that wait: each an array of action, type, text, version, who and when. */
    record Pending() implements Documents.Form<List<PendingChange>> {
        @Override
        public String kind() {
            return "changes";
        }

        @Override
        public String leaf(List<PendingChange> value) {
            return LogEntry.CHANGES_SET;
        }

        @Override
        public Optional<Bytes> encode(List<PendingChange> value) {
            CborWriter writer = new CborWriter().array(value.size());
            value.forEach(each -> each.write(writer));
            return Optional.of(Bytes.of(writer.toByteArray()));
        }

        @Override
        public List<PendingChange> decode(Optional<Bytes> body) throws MalformedException {
            CborReader reader = new CborReader(present(body, "changes"));
            List<PendingChange> changes = new ArrayList<>();
            for (int count = reader.array("changes", 0, PendingChange.MAX); count > 0; count--) {
                reader.arrayOf("change", 6);
                PendingChange.Action action = PendingChange.Action.of(reader.integer("action"))
                        .orElseThrow(() -> new MalformedException("action", -1, "expected the code of an action"));
                String type = reader.text("type", 64);
                String text = reader.text("text", AttestationStore.MAX_POLICY_CHARS * MAX_UTF8_PER_CHAR);
                long base = reader.integer("base", 0, Long.MAX_VALUE);
                String by = reader.text("by", Documents.MAX_BY_CHARS * MAX_UTF8_PER_CHAR);
                Instant at = Instant.ofEpochMilli(reader.integer("at", 0, Long.MAX_VALUE));
                try {
                    changes.add(new PendingChange(action, type, text, base, by, at));
                } catch (IllegalArgumentException e) {
                    throw new MalformedException("change", -1, String.valueOf(e.getMessage()));
                }
            }
            reader.end("changes");
            return List.copyOf(changes);
        }
    }

    /** How many identities a change of policies takes: a number. */
    record Approvals() implements Documents.Form<Integer> {
        @Override
        public String kind() {
            return "approvals";
        }

        @Override
        public String leaf(Integer value) {
            return LogEntry.APPROVALS_SET;
        }

        @Override
        public Optional<Bytes> encode(Integer value) {
            return Optional.of(Bytes.of(new CborWriter().integer(value).toByteArray()));
        }

        @Override
        public Integer decode(Optional<Bytes> body) throws MalformedException {
            CborReader reader = new CborReader(present(body, "approvals"));
            int number = (int) reader.integer("approvals", 1, MAX_APPROVALS);
            reader.end("approvals");
            return number;
        }
    }

    private static List<Bytes> certificates(CborReader reader, int least, int most) throws MalformedException {
        List<Bytes> certificates = new ArrayList<>();
        for (int count = reader.array("certificates", least, most); count > 0; count--) {
            certificates.add(Bytes.of(reader.bytes("certificate", 1, SigningKey.MAX_CERTIFICATE_BYTES)));
        }
        return certificates;
    }

    private static byte[] present(Optional<Bytes> body, String what) throws MalformedException {
        return body.orElseThrow(() -> new MalformedException(what, -1, "expected content, found none")).toArray();
    }
}
