package org.innerkeep.testing.hostile;

import java.util.List;
import java.util.SplittableRandom;

/**
 * How many events of each kind a run had. Schedules are drawn from the extent of an undisturbed run, so that their points exist.
 *
 * @param recordsIn for each connection, how many records went to the enclave
 * @param recordsOut for each connection, how many records went to the client
 * @param frames how many frames the host sent
 * @param calls how many calls the host made
 * @param served how many calls the enclave made
 * @param reads how many values the host read
 */
public record Extent(List<Integer> recordsIn, List<Integer> recordsOut, int frames, int calls, int served, int reads) {
    /** Copies the lists. */
    public Extent {
        recordsIn = List.copyOf(recordsIn);
        recordsOut = List.copyOf(recordsOut);
    }

    /** {@return how many connections there were} */
    public int connections() {
        return recordsIn.size();
    }

    boolean has(Place place) {
        return switch (place) {
            case RECORD_IN, RECORD_OUT, CONNECTION -> connections() > 0;
            case FRAME -> frames > 0;
            case CALL -> calls > 0;
            case SERVED -> served > 0;
            case READ -> reads > 0;
        };
    }

    Step draw(Move move, SplittableRandom random) {
        List<Place> places = move.places().stream().filter(this::has).toList();
        Place place = places.get(random.nextInt(places.size()));
        int connection = place.inConnection() ? 1 + random.nextInt(connections()) : 0;
        int events =
                switch (place) {
                    case RECORD_IN -> recordsIn.get(connection - 1);
                    case RECORD_OUT -> recordsOut.get(connection - 1);
                    case CONNECTION -> connections();
                    case FRAME -> frames;
                    case CALL -> calls;
                    case SERVED -> served;
                    case READ -> reads;
                };
        return new Step(move, place, connection, 1 + random.nextInt(Math.max(1, events)), random.nextInt(1 << 16));
    }
}
