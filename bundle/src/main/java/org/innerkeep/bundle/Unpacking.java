package org.innerkeep.bundle;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeSet;
import org.innerkeep.bundle.BundleException.Code;

/** A folder being filled with a bundle's files. Closing it removes what was written, unless {@link #keep} was called before. */
final class Unpacking implements BundleReader.Target, AutoCloseable {
    private static final String FILE_MODE = "r--r--r--";
    private static final String FOLDER_MODE = "rwxr-xr-x";

    private final Path root;
    /** What this object made, and nothing else, the newest first. */
    private final Deque<Path> made = new ArrayDeque<>();

    Unpacking(Path root) {
        this.root = root;
    }

    @Override
    public void begin(Manifest manifest) throws IOException, BundleException {
        if (Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            checkEmpty();
        } else {
            makeFolder(root);
        }
        TreeSet<Path> folders = new TreeSet<>();
        for (BundleFile file : manifest.files()) {
            Path relative = Path.of(file.path());
            for (Path folder = relative.getParent(); folder != null; folder = folder.getParent()) {
                folders.add(folder);
            }
        }
        for (Path folder : folders) {
            makeFolder(root.resolve(folder));
        }
    }

    @Override
    public OutputStream open(BundleFile file) throws IOException {
        Path path = root.resolve(file.path());
        // A new file, so that nothing planted here, links included, is ever written through or over.
        OutputStream out = Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        made.push(path);
        try {
            setMode(path, FILE_MODE);
            return out;
        } catch (IOException | RuntimeException e) {
            out.close();
            throw e;
        }
    }

    void keep() {
        made.clear();
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (Path path : made) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                failure = e;
            }
        }
        made.clear();
        if (failure != null) {
            throw failure;
        }
    }

    private void checkEmpty() throws IOException, BundleException {
        if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
            throw new BundleException(Code.TARGET_NOT_EMPTY, root + ": expected a folder, found a file or a link");
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
            if (entries.iterator().hasNext()) {
                // Whatever lies beside measured files could be taken for one of them.
                throw new BundleException(Code.TARGET_NOT_EMPTY, root + ": expected an empty folder, found something in it");
            }
        }
    }

    private void makeFolder(Path folder) throws IOException {
        // Fails for anything that exists already, links to folders included.
        Files.createDirectory(folder);
        made.push(folder);
        setMode(folder, FOLDER_MODE);
    }

    /** Sets the mode whatever the process's umask is: others run what is unpacked here. */
    private static void setMode(Path path, String mode) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view != null) {
            view.setPermissions(PosixFilePermissions.fromString(mode));
        } else if (mode.equals(FILE_MODE) && !path.toFile().setReadOnly()) {
            throw new IOException(path + ": cannot be made read-only");
        }
    }
}
