package org.innerkeep.enclave;

/** One client's attested session, as the enclave sees it. */
public interface ClientSession {
    /**
     * What both ends of this session know and no other session has: a signature over it counts in this session only.
     *
     * @return 32 bytes, equal to {@code Client.binding()} at the other end; a new array
     */
    byte[] binding();
}
