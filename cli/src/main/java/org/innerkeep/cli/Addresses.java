package org.innerkeep.cli;

import java.net.InetSocketAddress;
import picocli.CommandLine;

/** Network addresses on the command line. */
final class Addresses {
    private Addresses() {}

    static InetSocketAddress parse(CommandLine command, String text) {
        int colon = text.lastIndexOf(':');
        try {
            if (colon > 0) {
                String host = text.substring(0, colon);
                if (host.startsWith("[") && host.endsWith("]")) {
                    host = host.substring(1, host.length() - 1);
                }
                InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
                if (!address.isUnresolved()) {
                    return address;
                }
            }
        } catch (IllegalArgumentException e) {
            // Told below, in one way for every fault.
        }
        throw new CommandLine.ParameterException(
                command, "expected HOST:PORT such as 127.0.0.1:8443, found '" + text + "'");
    }
}
