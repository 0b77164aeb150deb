package org.innerkeep.channel.release;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Eat;
import org.innerkeep.evidence.EatReader;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * What an enclave asks of a vault: claims of an Entity Attestation Token (RFC 9711) of the profile {@value #PROFILE}, in deterministic
 * order. Evidence over {@link #reportData} makes it the enclave's own, all of it: nobody can have the key encrypted to another transport
 * key, or another file's key.
 *
 * <p>The whole header of the sealed file is in it and not one stanza alone: its MAC shows the vault that the stanza is of this file, and
 * the log says which file it was.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param nonce from the vault's challenge, 32 bytes
 * @param vault the id of the vault that the enclave trusts, 32 bytes
 * @param key the name of the key in the vault, 1 to 127 lower-case letters, digits and hyphens
 * @param header of the sealed file, all bytes before its payload, at most {@link #MAX_HEADER_BYTES}
 * @param transportKey to which the file key is to be encrypted; see {@link TransportKey}
 * @param job the digest of the job that it is for, 32 bytes
 */
public record ReleaseRequest(
        Bytes nonce, Bytes vault, String key, Bytes header, Bytes transportKey, Optional<Bytes> job) implements VaultRequest {
    /** The value of the claim {@code eat_profile}. */
    public static final String PROFILE = "tag:innerkeep.org,2026:release-request/1";

    /** The most bytes of a header: some forty hybrid recipients. */
    public static final int MAX_HEADER_BYTES = 64 * 1024;

    /** The most bytes of the encoded form. */
    public static final int MAX_BYTES = MAX_HEADER_BYTES + 2048;

    private static final long CLAIM_KEY = -66411;
    private static final long CLAIM_HEADER = -66412;
    private static final long CLAIM_TRANSPORT_KEY = -66413;
    private static final long CLAIM_JOB = -66414;
    private static final int CLAIMS = 7;
    private static final int MAX_KEY_CHARS = 127;
    private static final Pattern KEY = Pattern.compile("[0-9a-z-]{1,127}");

    /**
     * Checks sizes.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public ReleaseRequest {
        Forms.checkLength("nonce", nonce, Challenge.NONCE_LENGTH);
        Forms.checkLength("vault", vault, Forms.DIGEST);
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException("key: expected 1 to " + MAX_KEY_CHARS + " lower-case letters, digits and hyphens");
        }
        if (header.length() == 0 || header.length() > MAX_HEADER_BYTES) {
            throw new IllegalArgumentException("header: expected 1 to " + MAX_HEADER_BYTES + " bytes, found " + header.length());
        }
        Forms.checkLength("transport key", transportKey, TransportKey.PUBLIC_KEY_LENGTH);
        job.ifPresent(each -> Forms.checkLength("job", each, Forms.DIGEST));
    }

    /**
     * Reads a request.
     *
     * @param bytes hostile bytes
     * @return the request, of which nothing is proven
     * @throws MalformedException if the bytes are anything else
     */
    public static ReleaseRequest parse(byte[] bytes) throws MalformedException {
        Forms.checkSize("request", bytes, MAX_BYTES);
        EatReader claims = new EatReader(bytes, "request", CLAIMS);
        Bytes nonce = claims.bytes(Eat.NONCE, "eat_nonce", Challenge.NONCE_LENGTH, Challenge.NONCE_LENGTH);
        claims.oneOf(Eat.PROFILE, "eat_profile", Set.of(PROFILE));
        Bytes vault = claims.bytes(Challenge.CLAIM_VAULT, "vault", Forms.DIGEST, Forms.DIGEST);
        String key = claims.text(CLAIM_KEY, "key", MAX_KEY_CHARS);
        Bytes header = claims.bytes(CLAIM_HEADER, "header", 1, MAX_HEADER_BYTES);
        Bytes transportKey =
                claims.bytes(CLAIM_TRANSPORT_KEY, "transport-key", TransportKey.PUBLIC_KEY_LENGTH, TransportKey.PUBLIC_KEY_LENGTH);
        Bytes job = claims.bytes(CLAIM_JOB, "job", 0, Forms.DIGEST);
        claims.end();
        if (!KEY.matcher(key).matches()) {
            throw new MalformedException("request.key", -1, "expected lower-case letters, digits and hyphens");
        }
        if (job.length() != 0 && job.length() != Forms.DIGEST) {
            throw new MalformedException("request.job", -1, "expected none or " + Forms.DIGEST + " bytes");
        }
        return new ReleaseRequest(nonce, vault, key, header, transportKey, job.length() == 0 ? Optional.empty() : Optional.of(job));
    }

    /** {@return the encoded form; {@code parse(b).toByteArray()} equals {@code b}} */
    @Override
    public byte[] toByteArray() {
        return new CborWriter()
                .map(CLAIMS)
                .integer(Eat.NONCE).bytes(nonce.toArray())
                .integer(Eat.PROFILE).text(PROFILE)
                .integer(Challenge.CLAIM_VAULT).bytes(vault.toArray())
                .integer(CLAIM_KEY).text(key)
                .integer(CLAIM_HEADER).bytes(header.toArray())
                .integer(CLAIM_TRANSPORT_KEY).bytes(transportKey.toArray())
                .integer(CLAIM_JOB).bytes(job.orElse(Bytes.EMPTY).toArray())
                .toByteArray();
    }

    @Override
    public byte[] reportData() {
        return ReportData.of(ReportData.RELEASE, toByteArray());
    }
}
