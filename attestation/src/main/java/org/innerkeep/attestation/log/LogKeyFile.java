package org.innerkeep.attestation.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;
import org.bouncycastle.jce.ECNamedCurveTable;
import org.bouncycastle.jce.spec.ECNamedCurveParameterSpec;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/** A log key in a PEM file (RFC 7468 section 10). What is found in its place is never shown: it may be a secret. */
final class LogKeyFile {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----\n";
    private static final String END = "\n-----END PRIVATE KEY-----";
    private static final String CURVE = "secp256r1";
    private static final int MAX_BYTES = 4096;

    private LogKeyFile() {}

    static KeyPair newPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform cannot make P-256 keys", e);
        }
    }

    static void write(Path file, PrivateKey key) throws IOException {
        byte[] pkcs8 = key.getEncoded();
        if (pkcs8 == null) {
            throw new IOException("log key: expected one that can be written, found one that its provider keeps to itself");
        }
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(pkcs8);
        byte[] pem = (BEGIN + body + END + "\n").getBytes(US_ASCII);
        FileAttribute<?>[] attributes = hasPermissions(file)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
        try (SeekableByteChannel out =
                Files.newByteChannel(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
            ByteBuffer rest = ByteBuffer.wrap(pem);
            while (rest.hasRemaining()) {
                out.write(rest);
            }
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
            Arrays.fill(pem, (byte) 0);
        }
    }

    static LogKey read(Path file) throws IOException {
        if (hasPermissions(file) && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
            throw new IOException("log key file " + file + ": expected no access but its owner's, found "
                    + PosixFilePermissions.toString(Files.getPosixFilePermissions(file)) + "; chmod 600 it");
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        }
        String text = new String(bytes, ISO_8859_1).replace("\r\n", "\n").strip();
        if (bytes.length > MAX_BYTES || !text.startsWith(BEGIN) || !text.endsWith(END) || text.length() < BEGIN.length() + END.length()) {
            throw new IOException("log key file " + file + ": expected one PEM block PRIVATE KEY and nothing else");
        }
        String body = text.substring(BEGIN.length(), text.length() - END.length()).replace("\n", "");
        try {
            byte[] pkcs8 = Base64.getDecoder().decode(body);
            return decode(pkcs8);
        } catch (IllegalArgumentException | GeneralSecurityException _) {
            // Without the cause: its message may have been made from the key.
            throw new IOException("log key file " + file + ": expected a P-256 key in PKCS #8, not encrypted, found something else;"
                    + " openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 makes one");
        }
    }

    private static LogKey decode(byte[] pkcs8) throws GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("EC");
        if (!(factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8)) instanceof ECPrivateKey key)) {
            throw new GeneralSecurityException("not a P-256 key");
        }
        ECNamedCurveParameterSpec curve = ECNamedCurveTable.getParameterSpec(CURVE);
        if (!key.getParams().getOrder().equals(curve.getN())) {
            throw new GeneralSecurityException("not a P-256 key");
        }
        org.bouncycastle.math.ec.ECPoint point = new FixedPointCombMultiplier().multiply(curve.getG(), key.getS()).normalize();
        ECPoint affine = new ECPoint(
                point.getAffineXCoord().toBigInteger(), point.getAffineYCoord().toBigInteger());
        return LogKey.of(key, factory.generatePublic(new ECPublicKeySpec(affine, key.getParams())));
    }

    private static boolean hasPermissions(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
