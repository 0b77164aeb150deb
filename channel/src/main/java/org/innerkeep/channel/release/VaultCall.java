package org.innerkeep.channel.release;

import java.util.List;
import org.innerkeep.evidence.Bytes;

/**
 * What is sent to a vault: a CBOR array of a profile, request, evidence and an array of endorsements. The host may add
 * endorsements, which nobody takes on trust.
 */
public sealed interface VaultCall permits ReleaseCall, RegisterCall {
    /** The media type. */
    String MEDIA_TYPE = "application/cbor";

    /** The most bytes of the encoded form. */
    int MAX_BYTES = 2 << 20;

    /** {@return what is asked} */
    VaultRequest request();

    /** {@return evidence over the request's report data, 1 byte to 1 MiB} */
    Bytes evidence();

    /** {@return endorsements that the vault may need to verify the evidence, at most 32 of at most 256 KiB} */
    List<Bytes> endorsements();

    /** {@return the encoded form; {@code parse(b).toByteArray()} equals {@code b}} */
    byte[] toByteArray();
}
