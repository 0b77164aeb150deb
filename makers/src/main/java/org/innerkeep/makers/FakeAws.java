package org.innerkeep.makers;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * A Nitro hypervisor and its certification authorities: a root, one of a region, one of a zone, one of an instance, all on P-384.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class FakeAws {
    private static final String ALGORITHM = "SHA384withECDSA";
    private static final long ES384 = -35;
    private static final int PCRS = 16;

    /** What a document is to be like. Begins right, of an enclave in production; each method makes it otherwise. */
    public static final class Wish {
        private final Map<String, byte[]> fields = new LinkedHashMap<>();
        private final CoseWish cose;
        private boolean open;

        private Wish(CoseWish cose) {
            this.cose = cose;
        }

        /** A field's encoding. */
        public Wish field(String name, Consumer<CborWriter> value) {
            fields.put(name, CoseWish.item(value));
            return this;
        }

        /** Leaves a field out. */
        public Wish without(String name) {
            fields.remove(name);
            return this;
        }

        /** Registers from 0 on, each filled with one byte. */
        public Wish pcrs(int... values) {
            return field("pcrs", writer -> {
                writer.map(values.length);
                for (int i = 0; i < values.length; i++) {
                    writer.integer(i).bytes(filled(48, values[i]));
                }
            });
        }

        /** As an enclave in debug mode: all registers are zero. */
        public Wish debug() {
            return pcrs(new int[PCRS]);
        }

        /** Its time. */
        public Wish timestamp(Instant time) {
            return field("timestamp", writer -> writer.integer(time.toEpochMilli()));
        }

        /** Its issuers' certificates. */
        public Wish caBundle(List<Bytes> certificates) {
            return field("cabundle", writer -> {
                writer.array(certificates.size());
                certificates.forEach(each -> writer.bytes(each.toArray()));
            });
        }

        /** Its own certificate. */
        public Wish certificate(Bytes der) {
            return field("certificate", writer -> writer.bytes(der.toArray()));
        }

        /** Writes it as a map of indefinite length. */
        public Wish open() {
            open = true;
            return this;
        }

        /** The envelope. */
        public CoseWish envelope() {
            return cose;
        }

        private byte[] payload() {
            CborWriter writer = new CborWriter();
            if (open) {
                writer.raw(new byte[] {(byte) 0xbf});
            } else {
                writer.map(fields.size());
            }
            fields.forEach((name, value) -> writer.text(name).raw(value));
            return open ? writer.raw(new byte[] {(byte) 0xff}).toByteArray() : writer.toByteArray();
        }
    }

    private final Instant at;
    private final Authority root;
    private final Authority region;
    private final Authority zone;
    private final Authority instance;
    private final KeyPair enclave = Authority.ecKeys("secp384r1");

    /**
     * Makes the authorities.
     *
     * @param at the time around which everything is valid
     */
    public FakeAws(Instant at) {
        this.at = at;
        this.root = Authority.root("C=US,O=Fake,OU=AWS,CN=fake.nitro-enclaves", Authority.ecKeys("secp384r1"), ALGORITHM, at);
        this.region = below(root, "region.fake.nitro-enclaves", 2);
        this.zone = below(region, "zonal.region.fake.nitro-enclaves", 1);
        this.instance = below(zone, "i-0.region.fake.nitro-enclaves", 0);
    }

    private Authority below(Authority issuer, String name, int pathLength) {
        return issuer.below("C=US,O=Fake,OU=AWS,CN=" + name, Authority.ecKeys("secp384r1"), ALGORITHM, at,
                wish -> wish.authority(Optional.of(pathLength)).valid(at.minus(Duration.ofDays(1)), at.plus(Duration.ofDays(1))));
    }

    /** {@return the anchor to pin} */
    public MakerRoot anchor() {
        return MakerRoot.of(Maker.AWS, root.certificate());
    }

    /** {@return the authority of the root, to be pinned under another name or to issue otherwise} */
    public Authority root() {
        return root;
    }

    /** {@return the authority that certifies enclaves' keys} */
    public Authority instance() {
        return instance;
    }

    /** {@return the certificates of the issuers, the root first} */
    public List<Bytes> caBundle() {
        return List.of(root.der(), region.der(), zone.der(), instance.der());
    }

    /** A certificate of the key that signs documents, with a changed wish. */
    public X509Certificate certificate(Consumer<Authority.Wish> change) {
        return instance.certify("C=US,O=Fake,OU=AWS,CN=i-0-enc0.region.fake", enclave.getPublic(), at, wish -> {
            wish.valid(at.minus(Duration.ofHours(1)), at.plus(Duration.ofHours(2)));
            change.accept(wish);
        });
    }

    /** {@return a revocation list of the issuer of the enclaves' certificates} */
    public Bytes revocationList(BigInteger... revoked) {
        return instance.revocationList(at.minus(Duration.ofHours(1)), at.plus(Duration.ofHours(1)), revoked);
    }

    /**
     * Makes a document.
     *
     * @param change of what it is to be like
     * @return the document, COSE_Sign1 without a tag
     */
    public byte[] document(Consumer<Wish> change) {
        Wish wish = new Wish(new CoseWish(enclave.getPrivate(), ALGORITHM, ES384, OptionalLong.empty()));
        wish.field("module_id", writer -> writer.text("i-00000000000000000-enc0000000000000000"));
        wish.field("digest", writer -> writer.text("SHA384"));
        wish.timestamp(at);
        wish.pcrs(1, 2, 3, 4, 5, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0);
        wish.certificate(Authority.der(certificate(certificate -> {})));
        wish.caBundle(new ArrayList<>(caBundle()));
        wish.field("public_key", CborWriter::nil);
        wish.field("user_data", writer -> writer.bytes(filled(64, 7)));
        wish.field("nonce", writer -> writer.bytes(filled(32, 8)));
        change.accept(wish);
        return wish.cose.sign(wish.payload());
    }

    static byte[] filled(int length, int value) {
        byte[] filled = new byte[length];
        Arrays.fill(filled, (byte) value);
        return filled;
    }
}
