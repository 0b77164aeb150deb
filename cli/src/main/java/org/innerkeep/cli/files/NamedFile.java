package org.innerkeep.cli.files;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleException;

/** Reads files that the command line names, so that every failure says which file it is about. */
public final class NamedFile {
    /**
     * Reads the content.
     *
     * @param <T> what is read
     */
    @FunctionalInterface
    public interface Reading<T> {
        /**
         * Reads.
         *
         * @param in the content
         * @return what it is
         * @throws IOException if it cannot be read, or is something else
         */
        T from(InputStream in) throws IOException;
    }

    private NamedFile() {}

    /**
     * Reads a file.
     *
     * @param <T> what is read
     * @param file its path
     * @param reading reads its content
     * @return what it is
     * @throws IOException if it cannot be read, or is something else; the message names a file
     */
    public static <T> T read(Path file, Reading<T> reading) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return reading.from(in);
        } catch (FileSystemException e) {
            // It names its file already, and that may be another one.
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads a bundle and checks all of it.
     *
     * @param bundle its path
     * @return the bundle
     * @throws IOException if it cannot be read, or is refused
     */
    public static Bundle inspect(Path bundle) throws IOException {
        return bundle(bundle, Bundle::inspect);
    }

    /**
     * Reads the bill of materials of a bundle, which is checked whole.
     *
     * @param bundle its path
     * @return the bill, if it has one
     * @throws IOException if it cannot be read, or is refused
     */
    public static Optional<byte[]> sbom(Path bundle) throws IOException {
        return bundle(bundle, Bundle::sbom);
    }

    /** Reads a bundle. */
    @FunctionalInterface
    private interface BundleReading<T> {
        T from(InputStream in) throws IOException, BundleException;
    }

    private static <T> T bundle(Path bundle, BundleReading<T> reading) throws IOException {
        return read(bundle, in -> {
            try {
                return reading.from(in);
            } catch (BundleException e) {
                throw new IOException(e.getMessage(), e);
            }
        });
    }
}
