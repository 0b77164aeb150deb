package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;

/** A workload for a leak check: a client of {@link HoldingEnclave} that confides a table and a key to it. */
final class ConfidingClient {
    private ConfidingClient() {}

    private static String environment(String name) {
        return Objects.requireNonNull(System.getenv(name), name);
    }

    /** Takes the bundle's signer, the table and the key. */
    public static void main(String[] arguments) throws IOException {
        String address = environment("INNERKEEP_ADDRESS");
        int colon = address.lastIndexOf(':');
        KeeperAnchor anchor = KeeperAnchor.parse(Files.readString(Path.of(environment("INNERKEEP_ANCHOR"))).strip());
        List<String> rows = Files.readAllLines(Path.of(arguments[1]));
        try (Client client = Client.connect(
                new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
                Trust.signer(Bytes.fromHex(arguments[0]), 1, 1).on(anchor).allowSameUser())) {
            client.bind(Confiding.class).confide(rows, Files.readAllBytes(Path.of(arguments[2])));
        }
    }
}
