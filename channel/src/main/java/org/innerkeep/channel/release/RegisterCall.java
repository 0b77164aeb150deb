package org.innerkeep.channel.release;

import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * The call to a vault's register, of the profile {@value #PROFILE}.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param request what is asked
 * @param evidence over the request's report data, 1 byte to 1 MiB
 * @param endorsements that the vault may need to verify the evidence, at most 32 of at most 256 KiB
 */
public record RegisterCall(RegisterRequest request, Bytes evidence, List<Bytes> endorsements) implements VaultCall {
    /** What begins a call. */
    public static final String PROFILE = "tag:innerkeep.org,2026:register-call/1";

    /**
     * Checks sizes.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public RegisterCall {
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
    public static RegisterCall parse(byte[] bytes) throws MalformedException {
        CallForm form = CallForm.parse(bytes, PROFILE, RegisterRequest.MAX_BYTES);
        return new RegisterCall(RegisterRequest.parse(form.request().toArray()), form.evidence(), form.endorsements());
    }

    @Override
    public byte[] toByteArray() {
        return CallForm.write(PROFILE, this);
    }
}
