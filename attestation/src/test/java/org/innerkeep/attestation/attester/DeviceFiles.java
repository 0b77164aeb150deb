package org.innerkeep.attestation.attester;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.PathMatcher;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Map;
import java.util.Set;
import org.innerkeep.evidence.Bytes;

/**
 * Files that behave as a device's do: what a file holds is made when it is opened, a folder that is made has files at once, and a folder
 * with files in it can be taken away. No ordinary folder can do that, so this is a file system of its own, of which only what drivers use
 * is there; everything else throws.
 */
public final class DeviceFiles extends FileSystemProvider {
    /** What is behind the files. Paths begin with a slash. */
    public interface Device {
        /** Whether there is such a file. */
        default boolean exists(String path) {
            return false;
        }

        /** Makes a folder. */
        default void createDirectory(String path) throws IOException {
            throw new NoSuchFileException(path);
        }

        /** What the file holds when it is opened now. */
        Bytes read(String path) throws IOException;

        /** One write. */
        void write(String path, Bytes content) throws IOException;

        /** Takes a folder away. */
        default void delete(String path) throws IOException {
            throw new NoSuchFileException(path);
        }
    }

    private final Device device;
    private final FileSystem system = new Files();

    private DeviceFiles(Device device) {
        this.device = device;
    }

    /** {@return the folder of a device} */
    public static Path of(Device device) {
        return new DeviceFiles(device).path("");
    }

    private Path path(String text) {
        InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
            case "resolve" -> path(text + "/" + arguments[0]);
            case "getFileSystem" -> system;
            case "toString" -> text;
            case "hashCode" -> text.hashCode();
            case "equals" -> arguments[0] instanceof Path other && other.toString().equals(text);
            default -> throw new UnsupportedOperationException(method.getName());
        };
        return (Path) Proxy.newProxyInstance(DeviceFiles.class.getClassLoader(), new Class<?>[] {Path.class}, handler);
    }

    @Override
    public SeekableByteChannel newByteChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        boolean writes = options.contains(StandardOpenOption.WRITE);
        if (writes && options.size() > 1) {
            throw new IOException(path + ": a device is opened for writing only");
        }
        return new Channel(path.toString(), writes ? Bytes.EMPTY : device.read(path.toString()), writes);
    }

    private final class Channel implements SeekableByteChannel {
        private final String path;
        private final ByteBuffer content;
        private final boolean writes;
        private boolean open = true;

        Channel(String path, Bytes content, boolean writes) {
            this.path = path;
            this.content = ByteBuffer.wrap(content.toArray());
            this.writes = writes;
        }

        @Override
        public int read(ByteBuffer to) {
            if (!content.hasRemaining()) {
                return -1;
            }
            int length = Math.min(to.remaining(), content.remaining());
            for (int i = 0; i < length; i++) {
                to.put(content.get());
            }
            return length;
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            if (!writes) {
                throw new IOException(path + ": opened for reading");
            }
            byte[] bytes = new byte[from.remaining()];
            from.get(bytes);
            device.write(path, Bytes.of(bytes));
            return bytes.length;
        }

        @Override
        public long position() {
            return content.position();
        }

        @Override
        public SeekableByteChannel position(long position) {
            throw new UnsupportedOperationException();
        }

        /** Means nothing, as with devices. */
        @Override
        public long size() {
            return 0;
        }

        @Override
        public SeekableByteChannel truncate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            open = false;
        }
    }

    @Override
    public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
        device.createDirectory(path.toString());
    }

    @Override
    public void delete(Path path) throws IOException {
        device.delete(path.toString());
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        if (!device.exists(path.toString())) {
            throw new NoSuchFileException(path.toString());
        }
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options) throws IOException {
        throw new NoSuchFileException(path.toString());
    }

    @Override
    public String getScheme() {
        return "device";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException();
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path folder, DirectoryStream.Filter<? super Path> filter) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isSameFile(Path path, Path other) {
        return path.equals(other);
    }

    @Override
    public boolean isHidden(Path path) {
        return false;
    }

    @Override
    public FileStore getFileStore(Path path) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
        throw new UnsupportedOperationException();
    }

    private final class Files extends FileSystem {
        @Override
        public FileSystemProvider provider() {
            return DeviceFiles.this;
        }

        @Override
        public void close() {
            // Nothing is open.
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public String getSeparator() {
            return "/";
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            return Set.of();
        }

        @Override
        public Path getPath(String first, String... more) {
            throw new UnsupportedOperationException();
        }

        @Override
        public PathMatcher getPathMatcher(String syntaxAndPattern) {
            throw new UnsupportedOperationException();
        }

        @Override
        public UserPrincipalLookupService getUserPrincipalLookupService() {
            throw new UnsupportedOperationException();
        }

        @Override
        public WatchService newWatchService() {
            throw new UnsupportedOperationException();
        }
    }
}
