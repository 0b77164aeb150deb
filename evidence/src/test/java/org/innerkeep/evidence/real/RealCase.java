package org.innerkeep.evidence.real;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.internal.JsonValue;

/** One case of real evidence: its files by role, the time to verify at, and what must be found. */
record RealCase(String kind, String name, Path folder, Instant at, Map<String, String> files, Expected expected) {
    static RealCase read(Path folder) {
        try {
            JsonValue.Obj vector = JsonValue.object("vector", Files.readAllBytes(folder.resolve("vector.json")));
            Map<String, String> files = new LinkedHashMap<>();
            for (Map.Entry<String, JsonValue> each : vector.object("files").fields().entrySet()) {
                files.put(each.getKey(), ((JsonValue.Text) each.getValue()).value());
            }
            String name = vector.text("kind") + "/" + vector.text("case");
            return new RealCase(
                    vector.text("kind"),
                    name,
                    folder,
                    Instant.parse(vector.text("verifyAt")),
                    files,
                    new Expected(name, vector.object("expect")));
        } catch (IOException | MalformedException e) {
            throw new IllegalStateException(folder + ": " + e.getMessage(), e);
        }
    }

    boolean has(String role) {
        return files.containsKey(role);
    }

    Bytes file(String role) {
        return find(role).orElseThrow(() -> new IllegalStateException(name + " has no file in the role " + role));
    }

    Optional<Bytes> find(String role) {
        return Optional.ofNullable(files.get(role)).map(file -> {
            try {
                return Bytes.of(Files.readAllBytes(folder.resolve(file)));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** A certificate, which may be DER or PEM, as DER; the first where there are several. */
    Optional<Bytes> findCertificate(String role) {
        return find(role).map(file -> {
            try {
                return Certificates.looksLikePem(file.toArray())
                        ? Certificates.ofPem(role, file.toArray()).getFirst()
                        : file;
            } catch (MalformedException e) {
                throw new IllegalStateException(name + ": " + e.getMessage(), e);
            }
        });
    }

    Bytes certificate(String role) {
        return findCertificate(role).orElseThrow(() -> new IllegalStateException(name + " has no file in the role " + role));
    }

    /** What is said of a case to be accepted: whatever is lifted for it, nothing else may be. */
    boolean good() {
        return expected.text("signature").equals(Optional.of("valid")) && expected.texts("failures").isEmpty();
    }

    /** The files in these roles, as far as they are there, as endorsements. */
    EndorsementPool endorsements(String... roles) {
        List<Bytes> documents = new ArrayList<>();
        for (String role : roles) {
            find(role).ifPresent(documents::add);
        }
        try {
            return EndorsementPool.of(documents);
        } catch (MalformedException e) {
            throw new IllegalStateException(name + ": " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
