package org.innerkeep.evidence;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.internal.Crypto;

/**
 * Endorsements that are at hand, in a folder or in one file beside the evidence, so that a decision can be made without a network, and
 * made again years later. A document is found by what it is and not by its name: the verifier looks through all that could serve.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class EndorsementPool implements Endorsements {
    /** The most documents. */
    public static final int MAX_DOCUMENTS = 1024;

    /** The most bytes of all documents together. */
    public static final int MAX_BYTES = 16 << 20;

    private static final String PROFILE = "tag:innerkeep.org,2026:endorsements:1";

    private static final X500Principal PCK_SUBJECT =
            new X500Principal("C=US, ST=CA, L=Santa Clara, O=Intel Corporation, CN=Intel SGX PCK Certificate");

    private final List<Certificate> certificates = new ArrayList<>();
    private final List<RevocationList> lists = new ArrayList<>();
    private final List<Bytes> json = new ArrayList<>();

    private record Certificate(X500Principal subject, Bytes der) {}

    private record RevocationList(X500Principal issuer, Bytes der) {}

    private EndorsementPool(Collection<Bytes> documents) throws MalformedException {
        long total = documents.stream().mapToLong(Bytes::length).sum();
        if (documents.size() > MAX_DOCUMENTS || total > MAX_BYTES) {
            throw new MalformedException("endorsements", -1, "expected at most " + MAX_DOCUMENTS + " documents and " + MAX_BYTES
                    + " bytes, found " + documents.size() + " and " + total);
        }
        Set<Bytes> distinct = new LinkedHashSet<>();
        for (Bytes document : documents) {
            byte[] bytes = document.toArray();
            boolean isJson = bytes.length > 0 && bytes[0] == '{'; // Perhaps with certificates inside.
            if (!isJson && (bytes.length > 0 && bytes[0] == '-' || Certificates.looksLikePem(bytes))) {
                distinct.addAll(Certificates.ofPem("endorsements", bytes));
            } else {
                distinct.add(document);
            }
        }
        Crypto parser = new Crypto(Optional.empty(), 0);
        distinct.forEach(each -> add(parser, each));
    }

    private void add(Crypto parser, Bytes document) {
        byte[] bytes = document.toArray();
        if (bytes.length > 0 && bytes[0] == '{') {
            json.add(document);
            return;
        }
        try {
            certificates.add(new Certificate(parser.certificate("certificate", document).getSubjectX500Principal(), document));
            return;
        } catch (MalformedException e) {
            // It may be a list.
        }
        try {
            lists.add(new RevocationList(parser.revocationList("list", document).getIssuerX500Principal(), document));
        } catch (MalformedException e) {
            // A folder may hold other things, the evidence itself among them.
        }
    }

    /**
     * Takes documents: certificates in DER or PEM, revocation lists in DER, and JSON as Intel serves it. Others are left out.
     *
     * @param documents hostile bytes
     * @return the pool
     * @throws MalformedException if there are too many, or what begins as PEM is none
     */
    public static EndorsementPool of(Collection<Bytes> documents) throws MalformedException {
        return new EndorsementPool(documents);
    }

    /**
     * Takes every file of a folder, not of those in it; or the one file that {@link #toByteArray} wrote.
     *
     * @param place a folder or a file
     * @return the pool
     * @throws IOException if it cannot be read
     * @throws MalformedException if there is too much, or what is in it breaks its form
     */
    public static EndorsementPool read(Path place) throws IOException, MalformedException {
        List<Path> files = List.of(place);
        if (Files.isDirectory(place)) {
            try (Stream<Path> all = Files.list(place)) {
                files = all.filter(Files::isRegularFile).sorted().toList();
            }
        }
        List<Bytes> documents = new ArrayList<>();
        long total = 0;
        for (Path file : files) {
            total += Files.size(file);
            if (total > MAX_BYTES || documents.size() >= MAX_DOCUMENTS) {
                throw new MalformedException("endorsements", -1, "expected at most " + MAX_DOCUMENTS + " documents and " + MAX_BYTES
                        + " bytes in " + place);
            }
            byte[] bytes = Files.readAllBytes(file);
            if (looksLikeArchive(bytes)) {
                documents.addAll(parseArchive(bytes));
            } else {
                documents.add(Bytes.of(bytes));
            }
        }
        return new EndorsementPool(documents);
    }

    /**
     * Reads the form that {@link #toByteArray} writes.
     *
     * @param encoded hostile bytes
     * @return the pool
     * @throws MalformedException if the bytes are anything else
     */
    public static EndorsementPool parse(byte[] encoded) throws MalformedException {
        return new EndorsementPool(parseArchive(encoded));
    }

    private static boolean looksLikeArchive(byte[] bytes) {
        CborReader reader = new CborReader(bytes);
        try {
            return reader.peek() == CborReader.Type.ARRAY
                    && reader.array("endorsements", 1, MAX_DOCUMENTS + 1) > 0
                    && reader.peek() == CborReader.Type.TEXT
                    && reader.text("profile", PROFILE.length()).equals(PROFILE);
        } catch (MalformedException e) {
            return false;
        }
    }

    private static List<Bytes> parseArchive(byte[] encoded) throws MalformedException {
        if (encoded.length > MAX_BYTES) {
            throw new MalformedException("endorsements", -1, "expected at most " + MAX_BYTES + " bytes, found " + encoded.length);
        }
        CborReader reader = new CborReader(encoded);
        int items = reader.array("endorsements", 1, MAX_DOCUMENTS + 1);
        if (!reader.text("profile", PROFILE.length()).equals(PROFILE)) {
            throw new MalformedException("profile", 0, "expected " + PROFILE);
        }
        List<Bytes> documents = new ArrayList<>();
        for (int i = 1; i < items; i++) {
            documents.add(Bytes.of(reader.bytes("document", 1, MAX_BYTES)));
        }
        reader.end("endorsements");
        return documents;
    }

    /** {@return everything in one file: a CBOR array of a profile and the documents} */
    public byte[] toByteArray() {
        List<Bytes> all = new ArrayList<>();
        certificates.forEach(each -> all.add(each.der()));
        lists.forEach(each -> all.add(each.der()));
        all.addAll(json);
        CborWriter writer = new CborWriter().array(1 + all.size()).text(PROFILE);
        all.forEach(each -> writer.bytes(each.toArray()));
        return writer.toByteArray();
    }

    @Override
    public Answer find(Need need) {
        List<Bytes> found = switch (need) {
            case Need.TcbInfo info -> json;
            case Need.EnclaveIdentity identity -> json;
            case Need.PckCertificate pck -> certificates.stream()
                    .filter(each -> each.subject().equals(PCK_SUBJECT))
                    .map(Certificate::der)
                    .toList();
            case Need.RevocationList list -> {
                X500Principal issuer = new X500Principal(list.issuer().toArray());
                yield lists.stream().filter(each -> each.issuer().equals(issuer)).map(RevocationList::der).toList();
            }
            case Need.IssuerCertificate certificate -> {
                X500Principal subject = new X500Principal(certificate.subject().toArray());
                yield certificates.stream().filter(each -> each.subject().equals(subject)).map(Certificate::der).toList();
            }
            case Need.Vcek vcek -> certificates();
            case Need.Vlek vlek -> certificates();
            case Need.AmdChain chain -> certificates();
            case Need.ChainOf chain -> certificates();
            case Need.TokenKeys keys -> json;
        };
        return new Answer(found, List.of());
    }

    private List<Bytes> certificates() {
        return certificates.stream().map(Certificate::der).toList();
    }
}
