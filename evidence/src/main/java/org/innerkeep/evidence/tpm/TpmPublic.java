package org.innerkeep.evidence.tpm;

import java.math.BigInteger;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.internal.ByteReader;
import org.innerkeep.evidence.internal.ByteWriter;
import org.innerkeep.evidence.internal.Curve;

/**
 * The public area of an RSA or ECC key of a TPM: TPMT_PUBLIC (TPM 2.0 Library, Part 2, 12.2.4), big-endian. It says what the TPM lets
 * be done with the private key.
 *
 * @param type TPM_ALG_RSA or TPM_ALG_ECC
 * @param nameHash the hash algorithm of its name
 * @param attributes TPMA_OBJECT, 32 bits
 * @param authPolicy a digest, or empty
 * @param symmetric of storage keys
 * @param scheme the only scheme that it signs with
 * @param keyBits the size of an RSA modulus in bits; 0 for ECC
 * @param exponent the exponent of an RSA key, 0 for 65537; 0 for ECC
 * @param curve TPM_ECC_CURVE, 3 for P-256, 4 for P-384, 5 for P-521; 0 for RSA
 * @param kdf of ECC keys
 * @param first the RSA modulus, or x of an ECC point, big-endian
 * @param second y of an ECC point, else empty
 */
public record TpmPublic(
        Type type,
        TpmHash nameHash,
        long attributes,
        Bytes authPolicy,
        Symmetric symmetric,
        Scheme scheme,
        int keyBits,
        long exponent,
        int curve,
        Scheme kdf,
        Bytes first,
        Bytes second) {
    /** The private key never leaves this TPM. */
    public static final long FIXED_TPM = 1L << 1;
    /** Nor can it be moved below another key. */
    public static final long FIXED_PARENT = 1L << 4;
    /** The TPM made the private key itself. */
    public static final long SENSITIVE_DATA_ORIGIN = 1L << 5;
    /** It signs only what the TPM itself says. */
    public static final long RESTRICTED = 1L << 16;
    /** It decrypts. */
    public static final long DECRYPT = 1L << 17;
    /** It signs. */
    public static final long SIGN = 1L << 18;

    /** Bits 0, 3, 12 to 15 and 20 to 31. */
    private static final long RESERVED = 0xfff0f009L;

    private static final int NULL = 0x0010;
    private static final int MAX_RSA = 1024;
    private static final int MAX_EC = 66;
    private static final long DEFAULT_EXPONENT = 65537;

    /** Kinds of keys by their TPM_ALG_ID. */
    public enum Type {
        /** RSA. */
        RSA(0x0001),
        /** Elliptic curves. */
        ECC(0x0023);

        private final int id;

        Type(int id) {
            this.id = id;
        }
    }

    /**
     * TPMT_SYM_DEF_OBJECT.
     *
     * @param algorithm TPM_ALG_ID; TPM_ALG_NULL (0x0010) for none
     * @param keyBits 0 for none
     * @param mode TPM_ALG_ID; 0 for none
     */
    public record Symmetric(int algorithm, int keyBits, int mode) {
        /** No symmetric algorithm. */
        public static final Symmetric NONE = new Symmetric(NULL, 0, 0);
    }

    /**
     * TPMT_RSA_SCHEME, TPMT_ECC_SCHEME or TPMT_KDF_SCHEME.
     *
     * @param algorithm TPM_ALG_ID; TPM_ALG_NULL (0x0010) for any
     * @param hash TPM_ALG_ID of its hash; 0 where the scheme has none
     * @param count of ECDAA; else 0
     */
    public record Scheme(int algorithm, int hash, int count) {
        /** Any scheme, or none. */
        public static final Scheme NONE = new Scheme(NULL, 0, 0);

        private static final int RSAES = 0x0015;
        private static final int ECDAA = 0x001a;

        private static Scheme read(ByteReader reader, String field) throws MalformedException {
            int at = reader.offset();
            int algorithm = reader.u16(field);
            boolean known = switch (algorithm) {
                case NULL, 0x0007, 0x0014, RSAES, 0x0016, 0x0017, 0x0018, 0x0019, ECDAA, 0x001b, 0x001c, 0x001d, 0x0020, 0x0021,
                        0x0022 -> true;
                default -> false;
            };
            if (!known) {
                throw new MalformedException(field, at, String.format("expected a known scheme, found 0x%04x", algorithm));
            }
            int hash = algorithm == NULL || algorithm == RSAES ? 0 : reader.u16(field + ".hashAlg");
            return new Scheme(algorithm, hash, algorithm == ECDAA ? reader.u16(field + ".count") : 0);
        }

        private void write(ByteWriter writer) {
            writer.u16(algorithm);
            if (algorithm != NULL && algorithm != RSAES) {
                writer.u16(hash);
            }
            if (algorithm == ECDAA) {
                writer.u16(count);
            }
        }
    }

    /**
     * Reads a public area.
     *
     * @param bytes hostile bytes
     * @return the public area
     * @throws MalformedException if they are anything else
     */
    public static TpmPublic parse(byte[] bytes) throws MalformedException {
        ByteReader reader = new ByteReader(bytes, ByteOrder.BIG_ENDIAN);
        int id = reader.u16("type");
        Type type = Arrays.stream(Type.values()).filter(each -> each.id == id).findFirst().orElseThrow(() ->
                new MalformedException("type", 0, String.format("expected an RSA or ECC key, found 0x%04x", id)));
        TpmHash nameHash = TpmHash.parse("nameAlg", 2, reader.u16("nameAlg"));
        long attributes = reader.u32("objectAttributes");
        if ((attributes & RESERVED) != 0) {
            throw new MalformedException("objectAttributes", 4, "expected zeros in reserved bits");
        }
        Bytes authPolicy = TpmQuote.sized(reader, "authPolicy", 64);
        int algorithm = reader.u16("symmetric");
        Symmetric symmetric = algorithm == NULL
                ? Symmetric.NONE
                : new Symmetric(algorithm, reader.u16("symmetric.keyBits"), reader.u16("symmetric.mode"));
        Scheme scheme = Scheme.read(reader, "scheme");
        TpmPublic found;
        if (type == Type.RSA) {
            int keyBits = reader.u16("keyBits");
            long exponent = reader.u32("exponent");
            Bytes modulus = TpmQuote.sized(reader, "unique", MAX_RSA);
            if (modulus.length() != (keyBits + 7) / 8) {
                throw new MalformedException("unique", reader.offset(), "expected a modulus of " + keyBits + " bits, found "
                        + modulus.length() + " bytes");
            }
            found = new TpmPublic(
                    type, nameHash, attributes, authPolicy, symmetric, scheme, keyBits, exponent, 0, Scheme.NONE, modulus, Bytes.EMPTY);
        } else {
            int curve = reader.u16("curveID");
            Scheme kdf = Scheme.read(reader, "kdf");
            Bytes x = TpmQuote.sized(reader, "unique.x", MAX_EC);
            Bytes y = TpmQuote.sized(reader, "unique.y", MAX_EC);
            found = new TpmPublic(type, nameHash, attributes, authPolicy, symmetric, scheme, 0, 0, curve, kdf, x, y);
        }
        reader.end("TPMT_PUBLIC");
        return found;
    }

    /** {@return the public area's bytes} */
    public byte[] toByteArray() {
        ByteWriter writer = new ByteWriter(ByteOrder.BIG_ENDIAN).u16(type.id).u16(nameHash.id()).u32(attributes);
        TpmQuote.sized(writer, authPolicy);
        writer.u16(symmetric.algorithm());
        if (symmetric.algorithm() != NULL) {
            writer.u16(symmetric.keyBits()).u16(symmetric.mode());
        }
        scheme.write(writer);
        if (type == Type.RSA) {
            writer.u16(keyBits).u32(exponent);
            TpmQuote.sized(writer, first);
        } else {
            writer.u16(curve);
            kdf.write(writer);
            TpmQuote.sized(writer, first);
            TpmQuote.sized(writer, second);
        }
        return writer.toByteArray();
    }

    /** {@return its name: TPM_ALG_ID of {@link #nameHash} in two bytes, and the digest of the public area (Part 1, 16)} */
    public Bytes name() {
        return Bytes.of(new ByteWriter(ByteOrder.BIG_ENDIAN).u16(nameHash.id()).bytes(nameHash.digest(toByteArray())).toByteArray());
    }

    /**
     * Tells whether attributes are set.
     *
     * @param bits of {@link #attributes}
     * @return whether all of them are
     */
    public boolean has(long bits) {
        return (attributes & bits) == bits;
    }

    /**
     * The key as others write it.
     *
     * @return SubjectPublicKeyInfo, DER
     * @throws MalformedException if it is no RSA key and no point on P-256, P-384 or P-521
     */
    public Bytes spki() throws MalformedException {
        if (type == Type.RSA) {
            return rsaSpki("unique", new BigInteger(1, first.toArray()), BigInteger.valueOf(exponent == 0 ? DEFAULT_EXPONENT : exponent));
        }
        Optional<Curve> known = switch (curve) {
            case 3 -> Optional.of(Curve.P256);
            case 4 -> Optional.of(Curve.P384);
            case 5 -> Optional.of(Curve.P521);
            default -> Optional.empty();
        };
        if (known.isEmpty()) {
            throw new MalformedException("curveID", -1, String.format("expected P-256, P-384 or P-521, found 0x%04x", curve));
        }
        int length = known.get().length();
        if (first.length() > length || second.length() > length) {
            throw new MalformedException("unique", -1, "expected coordinates of at most " + length + " bytes");
        }
        byte[] point = new byte[2 * length];
        System.arraycopy(first.toArray(), 0, point, length - first.length(), first.length());
        System.arraycopy(second.toArray(), 0, point, 2 * length - second.length(), second.length());
        return known.get().spki("unique", point);
    }

    /**
     * Makes an RSA key.
     *
     * @param field its name, for messages
     * @param modulus hostile
     * @param exponent hostile
     * @return SubjectPublicKeyInfo, DER
     * @throws MalformedException if there is no such key
     */
    public static Bytes rsaSpki(String field, BigInteger modulus, BigInteger exponent) throws MalformedException {
        try {
            return Bytes.of(KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent)).getEncoded());
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new MalformedException(field, -1, "expected an RSA key, found other numbers");
        }
    }
}
