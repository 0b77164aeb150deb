package org.innerkeep.channel.release;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * Under what terms a file key is released. They are signed with it, and the key can be decrypted only by whoever has these very terms:
 * HPKE's info is a digest of them and of the request, which does here what associated data would do.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param request the digest of the request that is answered, 32 bytes
 * @param version the version of the key whose identity opened the file, 32 lower-case hexadecimal digits
 * @param grant the grant that permits it, likewise
 * @param time the vault's, cut to seconds
 * @param leaseUntil until when, by the vault's time, the file key may be used, cut to seconds; nothing where it may for ever
 * @param usesLeft how many more file keys the grant permits; nothing where it sets no bound
 * @param epoch the number of the vault's life, at least 1; a lower one than before means that an old vault was put back
 */
public record ReleaseTerms(
        Bytes request,
        String version,
        String grant,
        Instant time,
        Optional<Instant> leaseUntil,
        OptionalLong usesLeft,
        long epoch) {
    /** Digits of the ids of versions and grants. */
    static final int ID_LENGTH = 32;

    static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

    private static final byte[] LABEL = "innerkeep file key release v1".getBytes(StandardCharsets.US_ASCII);

    /**
     * Checks sizes.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public ReleaseTerms {
        Forms.checkLength("request", request, Forms.DIGEST);
        if (!ID.matcher(version).matches() || !ID.matcher(grant).matches()) {
            throw new IllegalArgumentException("version, grant: expected " + ID_LENGTH + " lower-case hexadecimal digits");
        }
        Forms.checkTime("time", time);
        time = time.truncatedTo(ChronoUnit.SECONDS);
        leaseUntil.ifPresent(each -> Forms.checkTime("lease", each));
        leaseUntil = leaseUntil.map(each -> each.truncatedTo(ChronoUnit.SECONDS));
        if ((usesLeft.isPresent() && usesLeft.getAsLong() < 0) || epoch < 1) {
            throw new IllegalArgumentException("uses left, epoch: expected numbers that are not negative, and an epoch above 0");
        }
    }

    /** {@return what the file key is encrypted for} */
    byte[] info() {
        CborWriter terms = new CborWriter()
                .array(7)
                .bytes(request.toArray())
                .text(version)
                .text(grant)
                .integer(time.getEpochSecond());
        leaseUntil.ifPresentOrElse(each -> terms.integer(each.getEpochSecond()), terms::nil);
        usesLeft.ifPresentOrElse(terms::integer, terms::nil);
        terms.integer(epoch);
        return new CborWriter().array(2).bytes(LABEL).bytes(Bytes.sha256(terms.toByteArray()).toArray()).toByteArray();
    }
}
