package org.innerkeep.attestation.http;

import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;

/** A request as it arrives; its body is not read yet. All of it is hostile. */
interface Incoming {
    /** {@return such as {@code GET}} */
    String method();

    /** {@return the path as it was sent, without the query, never normalised} */
    String path();

    /**
     * A parameter of the query.
     *
     * @param name its name
     * @return its first value, decoded
     */
    Optional<String> query(String name);

    /**
     * A header.
     *
     * @param name its name, in any case
     * @return its first value
     */
    Optional<String> header(String name);

    /** {@return the size of the body, where the request states it} */
    OptionalLong contentLength();

    /** {@return the body, to be read once} */
    InputStream body();

    /** {@return the address that the request came from, without a port} */
    String remoteAddress();

    /** {@return the same with the port: what tells connections apart that are open at once} */
    String remoteConnection();
}
