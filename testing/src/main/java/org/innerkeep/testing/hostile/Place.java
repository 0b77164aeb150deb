package org.innerkeep.testing.hostile;

/** Where a host stands, and how the points at which it acts are counted. All counts begin at 1. */
public enum Place {
    /** A TLS record on its way from a client to an enclave; counted in each connection. */
    RECORD_IN("record", true),
    /** A TLS record on its way from an enclave to a client; counted in each connection. */
    RECORD_OUT("answer record", true),
    /** A client's connection, when it begins. */
    CONNECTION("connection", false),
    /** A frame from the host on the connection for typed calls; counted over all enclaves. */
    FRAME("frame", false),
    /** A call that the host makes to an enclave; counted over all enclaves. */
    CALL("call", false),
    /** A call that an enclave makes to its host; counted over all enclaves. */
    SERVED("served call", false),
    /** A value that the host reads from its storage. */
    READ("read", false);

    private final String text;
    private final boolean inConnection;

    Place(String text, boolean inConnection) {
        this.text = text;
        this.inConnection = inConnection;
    }

    /** {@return the words for it in the text of a schedule} */
    String text() {
        return text;
    }

    /** {@return whether it is counted in each connection} */
    boolean inConnection() {
        return inConnection;
    }
}
