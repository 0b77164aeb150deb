package org.innerkeep.evidence.snp;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.ByteReader;
import org.innerkeep.evidence.internal.ByteWriter;
import org.innerkeep.evidence.internal.Certificates;

/**
 * The table of certificates that the host gives its guest for an extended report (AMD document 56421, the GHCB specification, section
 * "SNP Extended Guest Request"): entries of a GUID, an offset and a length, little-endian, the last one all zero; behind them the
 * certificates, DER or PEM, at offsets counted from the table's start. Between and behind them only zeros may stand.
 *
 * <p>What a certificate is for is found by what it is and not by its GUID, whose byte order hosts do not agree on.
 *
 * @param bytes the whole table, at most 256 KiB
 * @param certificates in the order of the entries, DER, unverified; those given in PEM are decoded
 */
public record SnpCertificateTable(Bytes bytes, List<Bytes> certificates) {
    /** The most bytes of a table. */
    public static final int MAX_BYTES = 256 << 10;

    private static final int GUID = 16;
    private static final int ENTRY = GUID + 8;
    private static final int MAX_ENTRIES = 16;

    /** Copies the list. */
    public SnpCertificateTable {
        certificates = List.copyOf(certificates);
    }

    /**
     * An entry.
     *
     * @param guid 16 bytes
     * @param certificate as it is to stand in the table
     */
    public record Entry(Bytes guid, Bytes certificate) {}

    /**
     * Writes a table.
     *
     * @param entries at most 16
     * @return the table, the certificates one after the other
     * @throws MalformedException if they are too many or too large, or what begins as PEM is none
     */
    public static SnpCertificateTable of(List<Entry> entries) throws MalformedException {
        ByteWriter writer = new ByteWriter(ByteOrder.LITTLE_ENDIAN);
        long offset = (entries.size() + 1L) * ENTRY;
        for (Entry entry : entries) {
            writer.bytes(entry.guid()).u32(offset).u32(entry.certificate().length());
            offset += entry.certificate().length();
        }
        writer.zeros(ENTRY);
        entries.forEach(entry -> writer.bytes(entry.certificate()));
        return parse(writer.toByteArray());
    }

    /**
     * Tells by the first bytes alone whether bytes want to be read as a table.
     *
     * @param bytes hostile bytes
     * @return whether the first entry's certificate begins right behind some number of entries, or there is none
     */
    static boolean looksLike(byte[] bytes) {
        if (bytes.length < ENTRY || bytes.length > MAX_BYTES) {
            return false;
        }
        ByteReader reader = new ByteReader(bytes, ByteOrder.LITTLE_ENDIAN);
        try {
            reader.bytes("GUID", GUID);
            long offset = reader.u32("offset");
            long length = reader.u32("length");
            return offset <= bytes.length && length <= bytes.length - offset && (offset == 0 ? length == 0 : offset >= 2 * ENTRY);
        } catch (MalformedException e) {
            return false;
        }
    }

    /**
     * Reads a table.
     *
     * @param table hostile bytes
     * @return the table
     * @throws MalformedException if the bytes are anything else
     */
    public static SnpCertificateTable parse(byte[] table) throws MalformedException {
        if (table.length > MAX_BYTES) {
            throw new MalformedException("certificate table", -1, "expected at most " + MAX_BYTES + " bytes, found " + table.length);
        }
        ByteReader reader = new ByteReader(table, ByteOrder.LITTLE_ENDIAN);
        List<int[]> places = new ArrayList<>();
        while (true) {
            int start = reader.offset();
            boolean last = reader.bytes("GUID", GUID).equals(Bytes.of(new byte[GUID]));
            int offset = reader.count("offset", 0, table.length);
            int length = reader.count("length", 0, table.length - offset);
            if (last) {
                if (offset != 0 || length != 0) {
                    throw new MalformedException("certificate table", start, "expected a GUID, or an entry that is all zero");
                }
                break;
            }
            if (places.size() == MAX_ENTRIES) {
                throw new MalformedException("certificate table", start, "expected at most " + MAX_ENTRIES + " entries");
            }
            places.add(new int[] {offset, length});
        }
        byte[] rest = table.clone();
        Arrays.fill(rest, 0, reader.offset(), (byte) 0);
        List<Bytes> found = new ArrayList<>();
        for (int[] place : places) {
            if (place[0] < reader.offset()) {
                throw new MalformedException("certificate table", place[0], "expected certificates behind the entries");
            }
            byte[] certificate = Arrays.copyOfRange(table, place[0], place[0] + place[1]);
            Arrays.fill(rest, place[0], place[0] + place[1], (byte) 0);
            if (Certificates.looksLikePem(certificate)) {
                found.addAll(Certificates.ofPem("certificate table", certificate));
            } else {
                found.add(Bytes.of(certificate));
            }
        }
        new ByteReader(rest, ByteOrder.LITTLE_ENDIAN).zeros("certificate table, between certificates", rest.length);
        return new SnpCertificateTable(Bytes.of(table), found);
    }
}
