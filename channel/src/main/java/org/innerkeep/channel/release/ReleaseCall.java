package org.innerkeep.channel.release;

import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * The call for a file key, of the profile {@value #PROFILE}.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param request what is asked
 * @param evidence over the request's report data, 1 byte to 1 MiB
 * @param endorsements that the vault may need to verify the evidence, at most 32 of at most 256 KiB
 */
public record ReleaseCall(ReleaseRequest request, Bytes evidence, List<Bytes> endorsements) implements VaultCall {
    /** What begins a call. */
    public static final String PROFILE = "tag:innerkeep.org,2026:release-call/1";

    /** The media type. */
    public static final String MEDIA_TYPE = VaultCall.MEDIA_TYPE;

    /** The most bytes of the encoded form. */
    public static final int MAX_BYTES = VaultCall.MAX_BYTES;

    /**
     * Checks sizes.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public ReleaseCall {
        endorsements = List.copyOf(endorsements);
        CallForm.check(evidence, endorsements);
    }

    /**
     * Reads a call.
     *
     * @param bytes hostile bytes
     * @return the call, of which nothing is proven
     * @throws MalformedException if the bytes are anything else
     */
    public static ReleaseCall parse(byte[] bytes) throws MalformedException {
        CallForm form = CallForm.parse(bytes, PROFILE, ReleaseRequest.MAX_BYTES);
        return new ReleaseCall(ReleaseRequest.parse(form.request().toArray()), form.evidence(), form.endorsements());
    }

    @Override
    public byte[] toByteArray() {
        return CallForm.write(PROFILE, this);
    }
}
