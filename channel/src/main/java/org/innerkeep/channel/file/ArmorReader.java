package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.jspecify.annotations.Nullable;

/** The one parser of armor: line by line, no line longer than it may be, the end reported only after the last line. For one thread. */
final class ArmorReader extends InputStream {
    private static final int MAX_SPACE = 1024;
    private static final byte[] BEGIN = Armor.BEGIN.getBytes(US_ASCII);
    private static final byte[] END = Armor.END.getBytes(US_ASCII);

    /** What the next line may be. */
    private enum Expect {
        BEGIN,
        DATA_OR_END,
        END,
        NOTHING
    }

    private final InputStream from;
    private final byte[] buffer = new byte[8192];
    private int next;
    private int buffered;

    private final byte[] line = new byte[Armor.COLUMNS];
    private int length;
    private long lines;

    private final byte[] data = new byte[Armor.LINE_BYTES];
    private int position;
    private int limit;

    private Expect expect = Expect.BEGIN;
    private boolean closed;
    private @Nullable IOException failure;

    ArmorReader(InputStream from) {
        this.from = from;
    }

    static boolean isSpace(int character) {
        return character == ' ' || character == '\t' || character == '\r' || character == '\n';
    }

    @Override
    public int read() throws IOException {
        return ready() ? data[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, into.length);
        int done = 0;
        // Goes on over lines that are already here, so that a reader of 64 KiB is not called back for each 48 bytes.
        while (done < count && (done == 0 || position < limit || next < buffered)) {
            if (!ready()) {
                return done == 0 ? -1 : done;
            }
            int some = Math.min(count - done, limit - position);
            System.arraycopy(data, position, into, offset + done, some);
            position += some;
            done += some;
        }
        return done;
    }

    /** {@return the bytes that can be read without touching the stream below} */
    @Override
    public int available() throws IOException {
        return limit - position;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        from.close();
    }

    private boolean ready() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
        if (failure != null) {
            throw failure;
        }
        try {
            while (position == limit && expect != Expect.NOTHING) {
                nextLine();
            }
        } catch (IOException e) {
            failure = e;
            throw e;
        }
        return position < limit;
    }

    private void nextLine() throws IOException {
        if (expect == Expect.BEGIN) {
            skipBlankLines();
            if (!lineIs(BEGIN)) {
                throw malformed("the armor does not begin with the line \"" + Armor.BEGIN + "\"");
            }
            expect = Expect.DATA_OR_END;
            return;
        }
        if (!readLine()) {
            throw malformed("the armor is cut: the line \"" + Armor.END + "\" is missing");
        }
        if (lineIs(END)) {
            readOnlySpace();
            expect = Expect.NOTHING;
        } else if (expect == Expect.END) {
            throw malformed("the line before was shorter than " + Armor.COLUMNS + " characters or padded, and so the last of the data");
        } else {
            decode();
        }
    }

    private void decode() throws SealedFileException {
        byte[] text = length == line.length ? line : Arrays.copyOf(line, length);
        boolean canonical = false;
        // The JDK's decoder reads base64 that is unpadded or has unused bits set. Such bits can be in the last group only, and a
        // line that is full and not padded has none, so that it need not be encoded again.
        if (length > 0 && length % 4 == 0) {
            try {
                limit = Base64.getDecoder().decode(text, data);
                canonical = limit == data.length || Arrays.equals(Base64.getEncoder().encode(Arrays.copyOf(data, limit)), text);
            } catch (IllegalArgumentException e) {
                canonical = false;
            }
        }
        if (!canonical) {
            limit = 0;
            throw malformed("this is neither canonical base64 with padding nor the line \"" + Armor.END + "\"");
        }
        position = 0;
        if (limit < data.length) {
            expect = Expect.END;
        }
    }

    private void skipBlankLines() throws IOException {
        for (int space = 0; space <= MAX_SPACE; space += length + 1) {
            if (!readLine()) {
                throw malformed("there is no armor, only white space");
            }
            if (!isBlank()) {
                return;
            }
        }
        throw malformed("more than " + MAX_SPACE + " characters of white space stand before the armor");
    }

    private boolean isBlank() {
        for (int i = 0; i < length; i++) {
            if (!isSpace(line[i])) {
                return false;
            }
        }
        return true;
    }

    private void readOnlySpace() throws IOException {
        int space = 0;
        for (int character = readByte(); character >= 0; character = readByte()) {
            if (!isSpace(character) || ++space > MAX_SPACE) {
                throw malformed("something other than at most " + MAX_SPACE + " characters of white space follows the armor");
            }
        }
    }

    private boolean lineIs(byte[] wanted) {
        return Arrays.equals(line, 0, length, wanted, 0, wanted.length);
    }

    /** Reads a line without its LF or CRLF. {@return false if there is none} */
    private boolean readLine() throws IOException {
        length = 0;
        lines++;
        int character = readByte();
        if (character < 0) {
            return false;
        }
        while (character >= 0 && character != '\n') {
            if (character == '\r') {
                character = readByte();
                if (character == '\n') {
                    return true;
                }
                append('\r');
            } else {
                append(character);
                character = readByte();
            }
        }
        return true;
    }

    private void append(int character) throws SealedFileException {
        if (length == line.length) {
            throw malformed("the line is longer than " + Armor.COLUMNS + " characters");
        }
        line[length++] = (byte) character;
    }

    private int readByte() throws IOException {
        if (next == buffered) {
            next = 0;
            buffered = Math.max(0, from.read(buffer, 0, buffer.length));
            if (buffered == 0) {
                return -1;
            }
        }
        return buffer[next++] & 0xff;
    }

    private SealedFileException malformed(String problem) {
        return new SealedFileException(Code.ARMOR_MALFORMED, "ASCII armor, line " + lines + ": " + problem);
    }
}
