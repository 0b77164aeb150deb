package org.innerkeep.channel.file;

import java.io.IOException;
import java.util.Optional;

/**
 * A way of a program's own to wrap the key of a sealed file, in a stanza beside those of recipients. Other tools of the age format step
 * over a stanza of a type that they do not know, as the format has it.
 */
public interface FileKeyWrap {
    /**
     * {@return the type of its stanzas: visible ASCII, a name under a domain that the program's makers have, such as
     * {@code acme.example/hsm}, so that it is no one else's}
     */
    String type();

    /**
     * Wraps.
     *
     * @param key stays the caller's to close
     * @return the stanza's body; it must prove by itself that it was not changed
     * @throws IOException if it cannot be done
     */
    byte[] wrap(FileKey key) throws IOException;

    /**
     * Unwraps.
     *
     * @param body of a stanza of the type; hostile bytes
     * @return the key, to be closed by the caller; nothing where it was not wrapped in this way, or was changed
     * @throws IOException if that cannot be found out
     */
    Optional<FileKey> unwrap(byte[] body) throws IOException;
}
