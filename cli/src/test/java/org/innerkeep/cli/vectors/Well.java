package org.innerkeep.cli.vectors;

import java.io.InputStream;

/** The interface of the vectors of streams. */
interface Well {
    /** How many bytes a stream has. */
    long count(InputStream content);

    /** Bytes whose source is whole, or fails. */
    InputStream draw(boolean whole);

    /** The first byte of a stream; the others are not wanted. */
    int sip(InputStream content);
}
