package org.innerkeep.evidence;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.DerReader;

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

    private static final int MAX_PROBLEMS = 8;
    private static final String PROFILE = "tag:innerkeep.org,2026:endorsements:1";

    private static final X500Principal PCK_SUBJECT =
            new X500Principal("C=US, ST=CA, L=Santa Clara, O=Intel Corporation, CN=Intel SGX PCK Certificate");

    private final List<Certificate> certificates = new ArrayList<>();
    private final List<RevocationList> lists = new ArrayList<>();
    private final List<Bytes> json = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();

    /** The same by name, and names by their encoding, so that a question costs no search. */
    private final Map<X500Principal, List<Bytes>> bySubject = new HashMap<>();

    private final Map<X500Principal, List<Bytes>> byIssuer = new HashMap<>();
    private final Map<Bytes, X500Principal> names = new HashMap<>();

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
            if (bytes.length > Crypto.MAX_CRL_BYTES && bytes[0] == DerReader.SEQUENCE) {
                // Left out silently it would count as no list, and what it revokes as not revoked.
                throw new MalformedException("endorsements", -1, "expected certificates and revocation lists of at most "
                        + Crypto.MAX_CRL_BYTES + " bytes, found " + bytes.length);
            }
            boolean isJson = bytes.length > 0 && bytes[0] == '{'; // Perhaps with certificates inside.
            if (!isJson && (bytes.length > 0 && bytes[0] == '-' || Certificates.looksLikePem(bytes))) {
                distinct.addAll(Certificates.certificatesAndLists("endorsements", bytes));
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
            X509Certificate certificate = parser.certificate("certificate", document);
            X500Principal subject = certificate.getSubjectX500Principal();
            certificates.add(new Certificate(subject, document));
            bySubject.computeIfAbsent(subject, name -> new ArrayList<>()).add(document);
            List.of(subject, certificate.getIssuerX500Principal()).forEach(name -> names.put(Bytes.of(name.getEncoded()), name));
            return;
        } catch (MalformedException e) {
            // It may be a list.
        }
        try {
            X500Principal issuer = parser.revocationList("list", document).getIssuerX500Principal();
            lists.add(new RevocationList(issuer, document));
            byIssuer.computeIfAbsent(issuer, name -> new ArrayList<>()).add(document);
            names.put(Bytes.of(issuer.getEncoded()), issuer);
        } catch (MalformedException e) {
            // A folder may hold other things, the evidence itself among them. What could have been a list is said where one is missing.
            if (bytes.length > 0 && bytes[0] == DerReader.SEQUENCE && broken.size() < MAX_PROBLEMS) {
                broken.add("a document of " + bytes.length + " bytes, SHA-256 " + Bytes.sha256(bytes).shortHex()
                        + ", that is neither a certificate nor a revocation list: " + e.problem());
            }
        }
    }

    /**
     * Takes documents: certificates and revocation lists in DER or PEM, and JSON as Intel serves it. Others are left out.
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
            case Need.PckCertificate pck -> bySubject.getOrDefault(PCK_SUBJECT, List.of());
            case Need.RevocationList list -> byIssuer.getOrDefault(name(list.issuer()), List.of());
            case Need.IssuerCertificate certificate -> bySubject.getOrDefault(name(certificate.subject()), List.of());
            case Need.Vcek vcek -> certificates();
            case Need.Vlek vlek -> certificates();
            case Need.AmdChain chain -> certificates();
            case Need.ChainOf chain -> certificates();
            case Need.TokenKeys keys -> json;
        };
        boolean der = need instanceof Need.RevocationList || need instanceof Need.IssuerCertificate;
        return new Answer(found, der && found.isEmpty() ? broken : List.of());
    }

    private X500Principal name(Bytes encoded) {
        X500Principal known = names.get(encoded);
        return known == null ? new X500Principal(encoded.toArray()) : known;
    }

    private List<Bytes> certificates() {
        return certificates.stream().map(Certificate::der).toList();
    }
}
