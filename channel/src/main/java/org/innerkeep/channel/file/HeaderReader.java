package org.innerkeep.channel.file;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.innerkeep.evidence.Bytes;

/** The one parser of headers: line by line, every length bounded, nothing read beyond the header's last line feed. */
final class HeaderReader {
    private static final String ANY_VERSION = "age-encryption.org/";
    private static final String STANZA_MARK = "-> ";
    private static final String ARMOR_MARK = "-----BEGIN ";
    private static final int COLUMNS = 64;

    private final InputStream from;
    private int bytes;
    private int lines;

    HeaderReader(InputStream from) {
        this.from = from;
    }

    Header read() throws IOException {
        version(line());
        List<Stanza> stanzas = new ArrayList<>();
        String line = line();
        while (line.startsWith(STANZA_MARK)) {
            if (stanzas.size() == Header.MAX_STANZAS) {
                throw malformed("there are more than " + Header.MAX_STANZAS + " recipient stanzas, which is the limit");
            }
            stanzas.add(stanza(line));
            line = line();
        }
        if (!line.startsWith(Header.MAC_MARK)) {
            throw malformed("neither a recipient stanza (\"->\") nor the MAC (\"---\") starts here");
        }
        if (stanzas.isEmpty()) {
            throw malformed("the MAC comes before any recipient stanza, at least one is required");
        }
        Bytes mac = mac(line);
        if (stanzas.size() > 1 && stanzas.stream().anyMatch(stanza -> stanza.type().equals(Stanza.SCRYPT_TYPE))) {
            // Whoever opens a file with a passphrase may conclude that it was sealed by one who knows the passphrase.
            throw malformed("a passphrase (scrypt) stanza stands beside others, it must be the only one");
        }
        return new Header(stanzas, mac);
    }

    private void version(String line) throws SealedFileException {
        if (line.equals(Header.VERSION)) {
            return;
        }
        if (line.startsWith(ARMOR_MARK)) {
            throw malformed("this is ASCII armor, not a sealed file in binary form: read it through Armor.reader");
        }
        if (line.startsWith(ANY_VERSION) && line.length() > ANY_VERSION.length() && visible(line)) {
            throw new SealedFileException(Code.UNSUPPORTED,
                "the file has version " + shorten(line) + " of the format, only " + Header.VERSION + " is implemented");
        }
        throw malformed("this is not a sealed file: it does not begin with the line \"" + Header.VERSION + "\"");
    }

    private Stanza stanza(String argumentLine) throws IOException {
        List<String> arguments = List.of(argumentLine.substring(STANZA_MARK.length()).split(" ", -1));
        for (String argument : arguments) {
            if (argument.isEmpty() || !visible(argument)) {
                throw malformed("arguments of a stanza are separated by one space and hold visible ASCII characters only");
            }
        }
        int first = lines;
        StringBuilder text = new StringBuilder();
        String line;
        do {
            line = line();
            if (line.length() > COLUMNS) {
                throw malformed("a line of a stanza's body is longer than " + COLUMNS + " characters");
            }
            text.append(line);
        } while (line.length() == COLUMNS);
        byte[] body = RawBase64.decode(text.toString())
            .orElseThrow(() -> malformed("the body of the stanza in line " + first + " is not canonical base64 without padding"));
        Stanza stanza = new Stanza(arguments, Bytes.of(body));
        Optional<KeyKind> kind = KeyKind.ofStanza(stanza.type());
        if (kind.isPresent() && stanza.share(kind.get()).isEmpty()) {
            throw malformed("the stanza of type " + stanza.type() + " in line " + first + " does not have one argument of "
                + kind.get().shareLength() + " bytes in canonical base64 and a body of " + Stanza.WRAPPED_KEY + " bytes");
        }
        return stanza;
    }

    private Bytes mac(String line) throws SealedFileException {
        String mark = Header.MAC_MARK + " ";
        if (line.startsWith(mark)) {
            byte[] mac = RawBase64.decode(line.substring(mark.length())).orElse(new byte[0]);
            if (mac.length == Header.MAC_LENGTH) {
                return Bytes.of(mac);
            }
        }
        throw malformed("the MAC is not \"--- \" and " + Header.MAC_LENGTH + " bytes in canonical base64 without padding");
    }

    /** Reads up to the next line feed. {@return the line without it, one character for each byte} */
    private String line() throws IOException {
        lines++;
        StringBuilder line = new StringBuilder(COLUMNS);
        while (true) {
            int next = from.read();
            if (next < 0) {
                throw malformed(bytes == 0 ? "the file is empty" : "the file ends inside the header");
            }
            if (++bytes > Header.MAX_BYTES) {
                throw malformed("the header is longer than " + Header.MAX_BYTES + " bytes, which is the limit");
            }
            if (next == '\n') {
                return line.toString();
            }
            if (line.length() == Header.MAX_LINE) {
                throw malformed("the line is longer than " + Header.MAX_LINE + " characters, which is the limit");
            }
            line.append((char) next);
        }
    }

    private SealedFileException malformed(String problem) {
        return new SealedFileException(Code.HEADER_MALFORMED, "sealed file header, line " + lines + ": " + problem);
    }

    private static boolean visible(String text) {
        return text.chars().allMatch(character -> character > ' ' && character <= '~');
    }

    static String shorten(String visible) {
        return visible.length() <= 40 ? visible : visible.substring(0, 40) + "…";
    }
}
