package org.innerkeep.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.AuthProvider;
import java.security.GeneralSecurityException;
import java.security.InvalidParameterException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.security.Signature;
import java.security.cert.Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.BundleSigner;
import org.innerkeep.bundle.SignerKey;
import org.jspecify.annotations.Nullable;

/**
 * A P-256 key in a PKCS#11 token, through the JDK's SunPKCS11 provider. The key never leaves the token. SunPKCS11 finds private keys
 * only by a certificate of the same label, as {@code keytool -genkeypair} makes one.
 */
final class Pkcs11Key implements BundleSigner, AutoCloseable {
    private static final String SIGNATURE = "SHA256withECDSAinP1363Format";
    private static final int MAX_PIN_BYTES = 256;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final Provider provider;
    private final PrivateKey key;
    private final SignerKey publicKey;

    private Pkcs11Key(Provider provider, PrivateKey key, SignerKey publicKey) {
        this.provider = provider;
        this.key = key;
        this.publicKey = publicKey;
    }

    /**
     * Logs in to a token and finds a key.
     *
     * @param configuration of SunPKCS11: a file's name, or the text itself after two hyphens
     * @param label of the key's certificate
     * @param pinFile a file with the token's PIN
     */
    static Pkcs11Key open(String configuration, String label, Path pinFile) throws IOException, BundleException {
        Provider sun = Security.getProvider("SunPKCS11");
        if (sun == null) {
            throw new IOException("the Java runtime has no PKCS#11 (module jdk.crypto.cryptoki): use a full JDK");
        }
        char[] pin = readPin(pinFile);
        Provider provider = null;
        try {
            provider = sun.configure(configuration);
            KeyStore store = KeyStore.getInstance("PKCS11", provider);
            login(store, pin);
            Certificate certificate = store.getCertificate(label);
            if (certificate == null || !(store.getKey(label, null) instanceof PrivateKey key)) {
                throw new IOException("token: expected a private key with a certificate, both labelled '" + label + "', found "
                        + String.join(", ", Collections.list(store.aliases()))
                        + "; docs/packing.md shows how to make one, and how to sign without a certificate");
            }
            Pkcs11Key found = new Pkcs11Key(provider, key, SignerKey.of(certificate.getPublicKey().getEncoded()));
            provider = null;
            return found;
        } catch (GeneralSecurityException | ProviderException | InvalidParameterException e) {
            throw new IOException("token: " + reason(e), e);
        } finally {
            Arrays.fill(pin, '\0');
            logout(provider);
        }
    }

    @Override
    public SignerKey publicKey() {
        return publicKey;
    }

    @Override
    public byte[] sign(byte[] toBeSigned) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(SIGNATURE, provider);
        signature.initSign(key);
        signature.update(toBeSigned);
        return signature.sign();
    }

    @Override
    public void close() {
        logout(provider);
    }

    private static void login(KeyStore store, char[] pin) throws IOException, GeneralSecurityException {
        try {
            store.load(null, pin);
        } catch (IOException e) {
            // "load failed", whatever the reason is.
            throw new IOException("token: " + reason(e), e);
        }
    }

    private static void logout(@Nullable Provider provider) {
        if (provider instanceof AuthProvider login) {
            try {
                login.logout();
            } catch (javax.security.auth.login.LoginException _) {
                // Nobody was logged in, or the token is gone: either way nothing stays open.
            }
        }
    }

    /** The provider's own messages say little; the token's code is that of the innermost cause. */
    private static String reason(Throwable failure) {
        StringBuilder reason = new StringBuilder(String.valueOf(failure.getMessage()));
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            reason.append(": ").append(cause.getMessage());
        }
        return reason.toString();
    }

    private static char[] readPin(Path file) throws IOException {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        if (posix && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
            throw new IOException("PIN file " + file + ": expected no access but its owner's, found "
                    + PosixFilePermissions.toString(Files.getPosixFilePermissions(file)) + "; chmod 600 it");
        }
        if (Files.size(file) > MAX_PIN_BYTES) {
            throw new IOException("PIN file " + file + ": expected at most " + MAX_PIN_BYTES + " bytes, found more");
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            return new String(bytes, StandardCharsets.UTF_8).strip().toCharArray();
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
