package @PACKAGE@.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.Measurement;

/** What the clients agreed to trust: exactly one measurement, vouched for by exactly one keeper. */
final class Agreed {
    private Agreed() {}

    /** Reads the folder 'trust'; each file holds one line, as 'innerkeep measure' and 'innerkeep keeper anchor' print it. */
    static Trust read(boolean allowSameUser) throws IOException {
        Measurement measurement = Measurement.parse(line("measurement"));
        KeeperAnchor keeper = KeeperAnchor.parse(line("keeper.anchor"));
        Trust trust = Trust.measurement(measurement).on(keeper);
        // Only for a keeper that an ordinary user started: whoever shares that user can read the enclave.
        return allowSameUser ? trust.allowSameUser() : trust;
    }

    private static String line(String name) throws IOException {
        return Files.readString(Path.of("trust", name)).strip();
    }
}
