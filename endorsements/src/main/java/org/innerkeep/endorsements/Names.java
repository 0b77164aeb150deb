package org.innerkeep.endorsements;

import java.util.Arrays;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.innerkeep.evidence.Bytes;

/** Distinguished names: only to choose which document to ask for, of few. */
final class Names {
    private Names() {}

    /** The common name of a distinguished name, DER. */
    static Optional<String> common(Bytes name) {
        try {
            return Arrays.stream(new X500Principal(name.toArray()).getName().split(","))
                    .filter(part -> part.startsWith("CN="))
                    .map(part -> part.substring(3))
                    .findFirst();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
