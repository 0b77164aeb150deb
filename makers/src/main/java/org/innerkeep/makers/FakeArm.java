package org.innerkeep.makers;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.innerkeep.evidence.AttesterKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * An Arm machine: a CCA platform with a realm on it, and a PSA device, each with keys of its own.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class FakeArm {
    private static final long COSE_SIGN1 = 18;
    private static final int SECURED = 0x3000;

    /** Which edition of the CCA token. */
    public enum Edition {
        /** Before RMM 1.0: no profile of the realm, its key a bare point. */
        LEGACY(399, "http://arm.com/CCA-SSD/1.0.0", ""),
        /** RMM 1.0. */
        V1(399, "tag:arm.com,2023:cca_platform#1.0.0", "tag:arm.com,2023:realm#1.0.0"),
        /** RMM 2.0: the collection has records. */
        V2(907, "tag:arm.com,2024:cca_platform#2.0.0", "tag:arm.com,2024:realm#2.0.0");

        private final long tag;
        private final String platform;
        private final String realm;

        Edition(long tag, String platform, String realm) {
            this.tag = tag;
            this.platform = platform;
            this.realm = realm;
        }
    }

    /** Which edition of the PSA token: its profile, and the key of each claim. */
    public enum PsaEdition {
        /** RFC 9783. */
        TFM("tag:psacertified.org,2023:psa#tfm"),
        /** Its drafts. */
        DRAFT("http://arm.com/psa/2.0.0"),
        /** The first. */
        IOT_1("PSA_IOT_PROFILE_1");

        private final String profile;

        PsaEdition(String profile) {
            this.profile = profile;
        }

        /** The key of a claim, given by its key in RFC 9783. */
        public long key(long key) {
            if (this != IOT_1) {
                return key;
            }
            return switch ((int) key) {
                case 265 -> -75000;
                case 2394, 2395, 2396, 2397, 2398, 2399 -> -75001 - (key - 2394);
                case 10 -> -75008;
                case 256 -> -75009;
                case 2400 -> -75010;
                default -> key;
            };
        }
    }

    /** Claims by key, each encoded, in the order in which they are written. */
    public static final class Claims {
        private final Map<Long, byte[]> values = new LinkedHashMap<>();
        private final CoseWish cose;

        private Claims(CoseWish cose) {
            this.cose = cose;
        }

        /** A claim's encoding. */
        public Claims claim(long key, Consumer<CborWriter> value) {
            values.put(key, CoseWish.item(value));
            return this;
        }

        /** Leaves a claim out. */
        public Claims without(long key) {
            values.remove(key);
            return this;
        }

        /** The envelope. */
        public CoseWish envelope() {
            return cose;
        }

        private byte[] sign() {
            return cose.sign(CoseWish.item(writer -> {
                writer.map(values.size());
                values.forEach((key, value) -> writer.integer(key).raw(value));
            }));
        }
    }

    /** What a CCA token is to be like. Begins right; each member may be made otherwise. */
    public static final class CcaWish {
        private final Claims platform;
        private final Claims realm;
        private final Map<Long, byte[]> others = new LinkedHashMap<>();
        private long tag;
        private boolean records;

        private CcaWish(Claims platform, Claims realm, Edition edition) {
            this.platform = platform;
            this.realm = realm;
            this.tag = edition.tag;
            this.records = edition == Edition.V2;
        }

        /** The platform token. */
        public Claims platform() {
            return platform;
        }

        /** The realm token. */
        public Claims realm() {
            return realm;
        }

        /** Another tag of the collection, and whether tokens are in records. */
        public CcaWish collection(long number, boolean inRecords) {
            tag = number;
            records = inRecords;
            return this;
        }

        /** A further part of the collection, encoded. */
        public CcaWish part(long label, Consumer<CborWriter> value) {
            others.put(label, CoseWish.item(value));
            return this;
        }
    }

    private final KeyPair platformKeys;
    private final KeyPair realmKeys = Authority.ecKeys("secp384r1");
    private final KeyPair deviceKeys;

    /** Makes a machine: the platform signs by ES384, the device by ES256. */
    public FakeArm() {
        this("secp384r1", "secp256r1");
    }

    /**
     * Makes a machine with keys on given curves.
     *
     * @param platformCurve of the platform's key, such as {@code secp521r1}
     * @param deviceCurve of the device's key
     */
    public FakeArm(String platformCurve, String deviceCurve) {
        this.platformKeys = Authority.ecKeys(platformCurve);
        this.deviceKeys = Authority.ecKeys(deviceCurve);
    }

    /** {@return the platform's key, to pin} */
    public AttesterKey platformKey() {
        return new AttesterKey(AttesterKey.Kind.CCA, Bytes.of(platformKeys.getPublic().getEncoded()));
    }

    /** {@return the device's key, to pin} */
    public AttesterKey deviceKey() {
        return new AttesterKey(AttesterKey.Kind.PSA, Bytes.of(deviceKeys.getPublic().getEncoded()));
    }

    /** {@return the realm's keys} */
    public KeyPair realmKeys() {
        return realmKeys;
    }

    private static CoseWish wish(KeyPair keys) {
        int bits = ((ECPublicKey) keys.getPublic()).getParams().getCurve().getField().getFieldSize();
        String algorithm = bits == 256 ? "SHA256withECDSA" : bits == 384 ? "SHA384withECDSA" : "SHA512withECDSA";
        return new CoseWish(keys.getPrivate(), algorithm, bits == 256 ? -7 : bits == 384 ? -35 : -36, OptionalLong.of(COSE_SIGN1));
    }

    /**
     * Makes a CCA token.
     *
     * @param edition of the format
     * @param change of what it is to be like
     * @return the token
     */
    public byte[] cca(Edition edition, Consumer<CcaWish> change) {
        byte[] key = edition == Edition.LEGACY ? point(realmKeys) : coseKey(realmKeys, writer -> {});
        CcaWish wish = new CcaWish(new Claims(wish(platformKeys)), new Claims(wish(realmKeys)), edition);
        Claims platform = wish.platform;
        platform.claim(265, writer -> writer.text(edition.platform));
        platform.claim(10, writer -> writer.bytes(digest("SHA-256", key)));
        platform.claim(2396, writer -> writer.bytes(FakeAws.filled(32, 0xaa)));
        platform.claim(256, writer -> writer.bytes(instanceId(platformKeys)));
        platform.claim(2401, writer -> writer.bytes(FakeAws.filled(4, 0xcf)));
        platform.claim(2395, writer -> writer.integer(SECURED | 3));
        platform.claim(2402, writer -> writer.text("sha-256"));
        platform.claim(2400, writer -> writer.text("https://verifier.example"));
        platform.claim(2399, writer -> component(component(writer.array(2), "RSE_BL1_2", 1), "RMM", 2));
        Claims realm = wish.realm;
        if (!edition.realm.isEmpty()) {
            realm.claim(265, writer -> writer.text(edition.realm));
        }
        realm.claim(10, writer -> writer.bytes(FakeAws.filled(64, 0xab)));
        realm.claim(44236, writer -> writer.text("sha-256"));
        realm.claim(44240, writer -> writer.text("sha-256"));
        realm.claim(44235, writer -> writer.bytes(FakeAws.filled(64, 0x0a)));
        realm.claim(44237, writer -> writer.bytes(key));
        realm.claim(44238, writer -> writer.bytes(FakeAws.filled(32, 0x11)));
        realm.claim(44239, writer -> {
            writer.array(4);
            for (int i = 0; i < 4; i++) {
                writer.bytes(FakeAws.filled(32, 0x20 + i));
            }
        });
        if (edition == Edition.V2) {
            platform.claim(2394, writer -> writer.integer(1));
            realm.claim(256, writer -> writer.bytes(Arrays.copyOf(new byte[] {1}, 33)));
            realm.claim(44243, writer -> writer.integer(1));
        }
        change.accept(wish);
        byte[] platformToken = platform.sign();
        byte[] realmToken = realm.sign();
        return CoseWish.item(writer -> {
            writer.tag(wish.tag).map(2 + wish.others.size());
            for (long label : new long[] {44234, 44241}) {
                writer.integer(label);
                if (wish.records) {
                    writer.array(2).integer(263);
                }
                writer.bytes(label == 44234 ? platformToken : realmToken);
            }
            wish.others.forEach((label, value) -> writer.integer(label).raw(value));
        });
    }

    /**
     * Makes a PSA token.
     *
     * @param edition of the format
     * @param change of what it is to be like
     * @return the token
     */
    public byte[] psa(PsaEdition edition, Consumer<Claims> change) {
        Claims claims = new Claims(wish(deviceKeys));
        claims.claim(edition.key(10), writer -> writer.bytes(FakeAws.filled(32, 0xab)));
        claims.claim(edition.key(2397), writer -> writer.bytes(FakeAws.filled(32, 0x5e)));
        claims.claim(edition.key(256), writer -> writer.bytes(instanceId(deviceKeys)));
        claims.claim(edition.key(2396), writer -> writer.bytes(FakeAws.filled(32, 0xaa)));
        claims.claim(edition.key(2394), writer -> writer.integer(-3002));
        claims.claim(edition.key(2395), writer -> writer.integer(SECURED));
        claims.claim(edition.key(2399), writer -> component(component(writer.array(2), "SPE", 1), "NSPE", 2));
        claims.claim(edition.key(2400), writer -> writer.text("www.example.org"));
        claims.claim(edition.key(265), writer -> writer.text(edition.profile));
        claims.claim(edition.key(2398), writer -> writer.text("0604565272829-10010"));
        change.accept(claims);
        return claims.sign();
    }

    private static CborWriter component(CborWriter writer, String type, int value) {
        return writer.map(4)
                .integer(1).text(type)
                .integer(5).bytes(FakeAws.filled(32, 0xee))
                .integer(2).bytes(FakeAws.filled(32, value))
                .integer(6).text("sha-256");
    }

    /** {@return a point in its uncompressed form} */
    public static byte[] point(KeyPair keys) {
        ECPublicKey key = (ECPublicKey) keys.getPublic();
        int length = (key.getParams().getCurve().getField().getFieldSize() + 7) / 8;
        byte[] point = new byte[1 + 2 * length];
        point[0] = 4;
        copy(key.getW().getAffineX(), point, 1, length);
        copy(key.getW().getAffineY(), point, 1 + length, length);
        return point;
    }

    private static void copy(BigInteger number, byte[] into, int at, int length) {
        byte[] bytes = number.toByteArray();
        int from = Math.max(0, bytes.length - length);
        System.arraycopy(bytes, from, into, at + length - (bytes.length - from), bytes.length - from);
    }

    /** {@return a COSE_Key, with further parameters of which the caller says how many and what} */
    public static byte[] coseKey(KeyPair keys, Consumer<Map<Long, byte[]>> change) {
        byte[] point = point(keys);
        int length = point.length / 2;
        Map<Long, byte[]> parameters = new LinkedHashMap<>();
        parameters.put(1L, CoseWish.item(writer -> writer.integer(2)));
        parameters.put(-1L, CoseWish.item(writer -> writer.integer(length == 32 ? 1 : length == 48 ? 2 : 3)));
        parameters.put(-2L, CoseWish.item(writer -> writer.bytes(Arrays.copyOfRange(point, 1, 1 + length))));
        parameters.put(-3L, CoseWish.item(writer -> writer.bytes(Arrays.copyOfRange(point, 1 + length, point.length))));
        change.accept(parameters);
        return CoseWish.item(writer -> {
            writer.map(parameters.size());
            parameters.forEach((key, value) -> writer.integer(key).raw(value));
        });
    }

    /** {@return an instance id made of a key: 0x01 and SHA-256 of its point} */
    public static byte[] instanceId(KeyPair keys) {
        byte[] id = new byte[33];
        id[0] = 1;
        System.arraycopy(digest("SHA-256", point(keys)), 0, id, 1, 32);
        return id;
    }

    /** {@return a digest} */
    public static byte[] digest(String algorithm, byte[] of) {
        try {
            return MessageDigest.getInstance(algorithm).digest(of);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
