package org.innerkeep.attestation.token;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.security.Provider;

/** Finds Conscrypt, which computes signatures in native code, where it is on the class path. Nothing is registered with the platform. */
public final class SigningProvider {
    private static final String CLASS = "org.conscrypt.Conscrypt";

    private SigningProvider() {}

    /**
     * Loads Conscrypt.
     *
     * @param loader where its classes are looked for
     * @return a new provider
     * @throws IOException if it is not there, or has no native library for this machine
     */
    public static Provider conscrypt(ClassLoader loader) throws IOException {
        try {
            return (Provider) Class.forName(CLASS, true, loader).getMethod("newProvider").invoke(null);
        } catch (ClassNotFoundException e) {
            throw new IOException("crypto-provider conscrypt: it is not on the class path, and no part of this program; add the jar"
                    + " org.conscrypt:conscrypt-openjdk-uber, or leave the setting at jdk", e);
        } catch (InvocationTargetException | LinkageError e) {
            Throwable cause = e instanceof InvocationTargetException wrapped ? wrapped.getTargetException() : e;
            throw new IOException("crypto-provider conscrypt: it cannot be used on this machine (" + cause.getMessage()
                    + "); leave the setting at jdk", e);
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new IOException("crypto-provider conscrypt: expected version 2.9 or one that can be used like it", e);
        }
    }
}
