package org.innerkeep.channel.call;

/**
 * What an end of a connection offers once it has sent a stream in a call: its streams, to be read piece by piece. Who reads decides
 * how fast: nothing is sent that was not asked for.
 */
@HostVisible
interface StreamSource {
    /** The same for every connection. */
    ServiceSchema<StreamSource> SCHEMA = ServiceSchema.of(StreamSource.class);

    /** The most bytes of a piece. */
    int MAX_PIECE_BYTES = 1 << 16;

    /** The most bytes of an answer. */
    int MAX_ANSWER_BYTES = MAX_PIECE_BYTES + 64;

    /** The most bytes of a request. */
    int MAX_REQUEST_BYTES = 128;

    /** The places of the two methods in the schema. */
    int READ = 0;

    int STOP = 1;

    /**
     * The next piece of a stream.
     *
     * @param stream the number that stood in the call for it
     * @param piece which piece, counted from 0; pieces are given in order, and one asked for early waits for those before it
     * @return 1 to {@value #MAX_PIECE_BYTES} bytes; fewer where this end may hold little or many streams are open; empty at the end
     * @throws StreamBrokenException if there is no such stream any more, or its source failed
     */
    byte[] read(long stream, long piece) throws StreamBrokenException;

    /**
     * Says that no more of a stream will be read.
     *
     * @param stream its number
     */
    void stop(long stream);
}
