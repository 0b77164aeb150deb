package org.innerkeep.channel.profile;

import java.util.List;

/**
 * What a debug enclave tells of itself.
 *
 * @param host calls between it and its host, both ways, as it saw them
 * @param clients calls of its clients, of all sessions together
 * @param heap what its Java heap held
 */
public record InsideFigures(List<MethodFigures> host, List<MethodFigures> clients, Heap heap) {
    /** Copies the lists. */
    public InsideFigures {
        host = List.copyOf(host);
        clients = List.copyOf(clients);
    }

    /**
     * A Java heap, in bytes.
     *
     * @param limit the most that it may have
     * @param mostUsed the most that was seen in use, garbage included, whenever a call ended
     * @param live what was left after a collection when the figures were asked for
     */
    public record Heap(long limit, long mostUsed, long live) {}
}
