package org.innerkeep.endorsements;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Need;

/** Certificates that came along with other documents, found again by their subject. Bounded. Safe for use by several threads. */
final class Companions {
    private static final int MAX_SUBJECTS = 64;
    private static final int MAX_EACH = 4;

    private final Map<X500Principal, Set<Bytes>> bySubject = new LinkedHashMap<>(16, 0.75f, true);

    /** Keeps those of some documents that are certificates; the newest of a subject push out the oldest. */
    synchronized void keep(List<Bytes> documents) {
        for (Bytes document : documents) {
            PemChain.subject(document).ifPresent(subject -> {
                Set<Bytes> same = bySubject.computeIfAbsent(subject, name -> new LinkedHashSet<>());
                same.remove(document);
                same.add(document);
                if (same.size() > MAX_EACH) {
                    same.remove(same.iterator().next());
                }
            });
        }
        while (bySubject.size() > MAX_SUBJECTS) {
            bySubject.remove(bySubject.keySet().iterator().next());
        }
    }

    /** Those of a subject, the newest first. */
    synchronized List<Bytes> find(Need.IssuerCertificate need) {
        X500Principal subject;
        try {
            subject = new X500Principal(need.subject().toArray());
        } catch (IllegalArgumentException e) {
            return List.of();
        }
        return new ArrayList<>(bySubject.getOrDefault(subject, Set.of())).reversed();
    }
}
