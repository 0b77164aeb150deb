package org.innerkeep.examples.split.outside;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.examples.split.Suspicious;
import org.innerkeep.examples.split.badly.Merchants;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;

/** Operator and bank in one program, to be measured: {@code innerkeep profile --own-host} runs it. */
public final class Workload {
    private static final int LEAST = 70;

    private Workload() {}

    private static Path environment(String name) {
        return Path.of(Objects.requireNonNull(
                System.getenv(name), name + " is not in the environment: run this by 'innerkeep profile BUNDLE --own-host -- …'"));
    }

    /**
     * Runs one version.
     *
     * @param arguments {@code badly} or {@code well}, the bundle's signer, and how many payments there are
     * @throws IOException if the enclave does not start, or cannot be reached
     */
    public static void main(String[] arguments) throws IOException {
        boolean well = switch (arguments[0]) {
            case "badly" -> false;
            case "well" -> true;
            default -> throw new IllegalArgumentException("expected badly or well, found " + arguments[0]);
        };
        Sample sample = Sample.of(Integer.parseInt(arguments[2]));
        KeeperAnchor anchor = KeeperAnchor.parse(Files.readString(environment("INNERKEEP_ANCHOR")).strip());
        // One user plays every part, and debug builds tell what they measured.
        Trust trust = Trust.signer(Bytes.fromHex(arguments[1]), 1, 1).on(anchor).allowSameUser().allowDebug();
        Host host = Host.on(Platform.process(environment("INNERKEEP_KEEPER")));
        if (!well) {
            host = host.offering(Merchants.class, BadlyOutside.merchants(sample));
        }
        try (Enclave enclave = host.start(environment("INNERKEEP_BUNDLE"))) {
            if (well) {
                WellOutside.prepare(enclave, sample);
            } else {
                BadlyOutside.prepare(enclave, sample);
            }
            InetSocketAddress address = enclave.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (Client client = Client.connect(address, trust)) {
                List<Suspicious> found =
                        well ? WellOutside.find(client, sample, LEAST) : BadlyOutside.find(client, sample, LEAST);
                System.out.println(found.size() + " of " + sample.payments().size() + " payments are suspicious");
            }
        }
    }
}
