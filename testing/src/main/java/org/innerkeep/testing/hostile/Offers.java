package org.innerkeep.testing.hostile;

import java.util.LinkedHashMap;
import java.util.Map;
import org.innerkeep.channel.call.CallPeer;

/** What a scenario's host offers to its enclaves. For one thread. */
public final class Offers {
    private record Offer<T>(Class<T> service, T implementation) {
        void to(CallPeer.Builder peer, HostileHost host) {
            peer.offer(service, ServedMeddler.over(host, service, implementation));
        }
    }

    private final Map<Class<?>, Offer<?>> offers = new LinkedHashMap<>();

    Offers() {}

    /**
     * Offers an interface.
     *
     * @param service an interface marked {@link org.innerkeep.channel.call.HostVisible}
     * @param honest serves the enclaves' calls, as an honest host would
     * @param <T> the interface
     * @return this
     */
    public <T> Offers offer(Class<T> service, T honest) {
        offers.put(service, new Offer<>(service, honest));
        return this;
    }

    void to(CallPeer.Builder peer, HostileHost host) {
        offers.values().forEach(offer -> offer.to(peer, host));
    }
}
