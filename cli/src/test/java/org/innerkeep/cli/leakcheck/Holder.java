package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process of its own that holds the secrets of the forms named by its arguments until its standard input ends. An argument
 * that is a path is a file that it opens and maps.
 */
final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws IOException {
        List<Object> held = new ArrayList<>();
        for (String argument : arguments) {
            held.add(argument.startsWith("/") ? mapped(Path.of(argument)) : Secrets.held(Form.valueOf(argument)));
        }
        try {
            System.out.write('.');
            System.out.flush();
            while (System.in.read() >= 0) {
                // Waits for its end.
            }
        } finally {
            Reference.reachabilityFence(held);
        }
    }

    private static Object mapped(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file);
        return List.of(channel, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
    }
}
