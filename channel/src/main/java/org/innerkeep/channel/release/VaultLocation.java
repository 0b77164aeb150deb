package org.innerkeep.channel.release;

import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a vault is, and which vault it must be. Written as one URI whose fragment is the vault's key,
 * {@code https://vault.hospital.example:8443#vault-key:MFkw…}, so that nobody can name one without the other.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param address scheme, host and port, as {@link #address(URI)} makes it
 * @param vault the key that signs what it releases
 */
public record VaultLocation(String address, VaultAnchor vault) {
    private static final int MAX_CHARS = 1024;
    private static final Pattern HOST = Pattern.compile("[0-9a-z.-]{1,253}|\\[[0-9a-f:.]{2,45}\\]");
    private static final Pattern LOOPBACK = Pattern.compile("127(\\.[0-9]{1,3}){3}|\\[::1\\]");
    private static final int HTTPS_PORT = 443;
    private static final int HTTP_PORT = 80;

    /**
     * Checks the address.
     *
     * @throws IllegalArgumentException if it is none, or is written in another form
     */
    public VaultLocation {
        if (!address(URI.create(address)).equals(address)) {
            throw new IllegalArgumentException("vault: expected scheme, host and port in lower case and no more");
        }
    }

    /**
     * Reads a location.
     *
     * @param uri address and key
     * @return the location
     * @throws IllegalArgumentException if it has no key as its fragment, or the address is not one
     */
    public static VaultLocation of(URI uri) {
        String key = uri.getRawFragment();
        if (key == null) {
            throw new IllegalArgumentException("vault: expected its key behind the address, as"
                    + " https://vault.example:8443#vault-key:MFkw…; without it anybody could answer in its place."
                    + " 'innerkeep serve' shows the key when it starts");
        }
        return new VaultLocation(address(uri), VaultAnchor.parse(key));
    }

    /**
     * The address alone, in one form for each place, for comparing.
     *
     * @param uri with or without a key
     * @return such as {@code https://vault.example:8443}
     * @throws IllegalArgumentException if it is not https with a host and no more, or http to a loopback address in digits
     */
    public static String address(URI uri) {
        String scheme = lower(uri.getScheme());
        String host = lower(uri.getHost());
        int port = uri.getPort();
        boolean secure = scheme.equals("https");
        String path = uri.getRawPath();
        if (uri.toString().length() > MAX_CHARS
                || !HOST.matcher(host).matches()
                || uri.getRawUserInfo() != null
                || uri.getRawQuery() != null
                || !(path == null || path.isEmpty() || path.equals("/"))
                || port == 0
                || port > 65535) {
            throw new IllegalArgumentException("vault: expected https://HOST or https://HOST:PORT without user, path and query");
        }
        if (!secure && !(scheme.equals("http") && LOOPBACK.matcher(host).matches())) {
            throw new IllegalArgumentException("vault: expected an https address; http only to 127.0.0.1 or [::1]");
        }
        boolean usual = port == -1 || port == (secure ? HTTPS_PORT : HTTP_PORT);
        return scheme + "://" + host + (usual ? "" : ":" + port);
    }

    private static String lower(@Nullable String text) {
        return text == null ? "" : text.toLowerCase(Locale.ROOT);
    }

    /** {@return address and key as one URI} */
    public URI toUri() {
        return URI.create(toString());
    }

    /** {@return the text of {@link #toUri}} */
    @Override
    public String toString() {
        return address + "#" + vault;
    }
}
