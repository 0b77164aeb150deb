package org.innerkeep.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/** What was measured of ours, beside its peers and limits of the same run. */
final class Comparison {
    private final String name;
    private final Figure ours;
    private final Map<String, Figure> peers = new LinkedHashMap<>();

    Comparison(String name, Figure ours) {
        this.name = name;
        this.ours = ours;
    }

    Comparison with(String peer, Figure figure) {
        if (!figure.unit().equals(ours.unit())) {
            throw new IllegalArgumentException(peer + " is in " + figure.unit() + ", " + name + " in " + ours.unit());
        }
        peers.put(peer, figure);
        return this;
    }

    String name() {
        return name;
    }

    Figure ours() {
        return ours;
    }

    Map<String, Figure> peers() {
        return peers;
    }

    /** {@return ours divided by the peer's} */
    double ratio(Figure peer) {
        return ours.value() / peer.value();
    }
}
