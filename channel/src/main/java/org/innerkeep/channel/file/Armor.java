package org.innerkeep.channel.file;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * ASCII armor: a sealed file as text, for ways that carry text only (age specification, section "ASCII armor"; RFC 7468,
 * section 3). Strict: lines of 64 characters, canonical base64, LF or CRLF; only white space, at most 1 KiB, may stand before and
 * after. Armor protects nothing, the sealed file in it does.
 *
 * <p>A stream that is returned is for one thread at a time.
 */
public final class Armor {
    static final String BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
    static final String END = "-----END AGE ENCRYPTED FILE-----";
    /** Characters of base64 in a full line, and the bytes they stand for. */
    static final int COLUMNS = 64;

    static final int LINE_BYTES = COLUMNS / 4 * 3;

    private Armor() {}

    /**
     * Reads armor.
     *
     * @param from text, read to its end, closed with the returned stream
     * @return gives the sealed file in binary form; text that is not armor makes its {@code read} throw
     *     {@link SealedFileException} with code ARMOR_MALFORMED, and again on every later one
     */
    public static InputStream reader(InputStream from) {
        return new ArmorReader(from);
    }

    /**
     * Reads a sealed file that may be armored or not.
     *
     * @param from armored or binary, read to its end, closed with the returned stream
     * @return gives the sealed file in binary form
     * @throws IOException if reading fails
     */
    public static InputStream detect(InputStream from) throws IOException {
        BufferedInputStream in = new BufferedInputStream(from);
        in.mark(1);
        int first = in.read();
        in.reset();
        // A binary file begins with the letter a; one that is neither is refused by the header's parser, which says it best.
        return first == BEGIN.charAt(0) || ArmorReader.isSpace(first) ? reader(in) : in;
    }

    /**
     * Writes armor. {@code close()} writes its last line and closes {@code to}; armor without that line is recognisably cut.
     *
     * @param to takes the text
     * @return takes the sealed file in binary form
     * @throws IOException if writing the first line fails
     */
    public static OutputStream writer(OutputStream to) throws IOException {
        return new ArmorWriter(to);
    }
}
