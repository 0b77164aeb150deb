package org.innerkeep.channel.call;

/**
 * What the other end may learn when a call fails on this side. Undeclared exceptions leave as {@link
 * CallException.Code#FAILED} and nothing else in every case: no type name, no message, no stack trace.
 */
public enum Disclosure {
    /**
     * The other end is the untrusted host. A declared exception leaves as its type only, without its detail, and only
     * interfaces marked {@link HostVisible} can be offered or bound.
     */
    TO_HOST,
    /**
     * The other end may see what the interface declares: a declared exception leaves as its type and its detail record.
     * Right for an enclave towards an authenticated client, and for whoever answers an enclave.
     */
    TO_CLIENT
}
