package org.innerkeep.cli.demo;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;
import org.innerkeep.host.StartException;

/**
 * An operator's host program that changes the code while it is being launched: the bytes on their way to the keeper, or, given the
 * keeper's folder, the copy that the keeper made.
 */
final class ChangesDuringLaunch {
    private ChangesDuringLaunch() {}

    /**
     * Tries once.
     *
     * @param arguments the bundle, the keeper's socket, and for the second way the folder of the keeper's copies
     * @throws IOException if something else than the attack fails
     */
    public static void main(String[] arguments) throws IOException {
        Path bundle = Path.of(arguments[0]);
        Host host = Host.on(Platform.process(Path.of(arguments[1])));
        if (arguments.length > 2) {
            changeCopy(host, bundle, Path.of(arguments[2]));
        } else {
            changeOnTheWay(host, bundle);
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static void changeOnTheWay(Host host, Path bundle) throws IOException {
        long size = Files.size(bundle);
        try (InputStream in = new Changing(Files.newInputStream(bundle), size * 3 / 4);
                Enclave enclave = host.start(in, size)) {
            say("started " + enclave.id());
        } catch (StartException e) {
            say("REFUSED " + e.refusal().map(Enum::name).orElse("START_FAILED"));
        }
    }

    /** A file whose content changes once it is read so far. */
    private static final class Changing extends FilterInputStream {
        private long left;

        Changing(InputStream in, long honest) {
            super(in);
            this.left = honest;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = super.read(buffer, offset, length);
            if (left >= 0 && count > left) {
                buffer[offset + (int) left] ^= 1;
            }
            left = count < 0 || count > left ? -1 : left - count;
            return count;
        }
    }

    private static void changeCopy(Host host, Path bundle, Path run) throws IOException {
        try (Enclave enclave = host.start(bundle)) {
            Path folder = run.resolve(enclave.id().substring(0, 16));
            for (String name : new String[] {"lib", "io", "lib/planted.jar"}) {
                try {
                    Files.newByteChannel(folder.resolve(name).resolve("planted"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)
                            .close();
                    say("changed " + name);
                    return;
                } catch (AccessDeniedException | java.nio.file.NoSuchFileException e) {
                    // Refused, as it must be.
                }
            }
            for (String jar : args(bundle)) {
                try {
                    Files.newByteChannel(folder.resolve(jar), StandardOpenOption.WRITE).close();
                    say("changed " + jar);
                    return;
                } catch (AccessDeniedException e) {
                    // Refused, as it must be.
                }
            }
            say("REFUSED PERMISSION_DENIED");
        }
    }

    /** The paths of the bundle's files, from its manifest. */
    private static Iterable<String> args(Path bundle) throws IOException {
        try (InputStream in = Files.newInputStream(bundle)) {
            return org.innerkeep.bundle.Bundle.inspect(in).manifest().files().stream()
                    .map(org.innerkeep.bundle.BundleFile::path)
                    .toList();
        } catch (org.innerkeep.bundle.BundleException e) {
            throw new IOException("the agreed bundle is damaged", e);
        }
    }
}
