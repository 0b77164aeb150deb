package org.innerkeep.testing.hostile;

/** What an operator's host has of one enclave: calls to it, and the storage. Safe for use by several threads. */
public interface Operation {
    /**
     * An interface that the enclave offers to its host.
     *
     * @param service an interface marked {@link org.innerkeep.channel.call.HostVisible}
     * @param <T> the interface
     * @return a proxy; its calls may be changed, repeated or left out on their way
     */
    <T> T bind(Class<T> service);

    /** {@return what this host stores; shared by all its enclaves} */
    Storage storage();
}
