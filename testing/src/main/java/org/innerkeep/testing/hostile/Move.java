package org.innerkeep.testing.hostile;

import static org.innerkeep.testing.hostile.Move.Duty.HARMLESS;
import static org.innerkeep.testing.hostile.Move.Duty.REFUSED;
import static org.innerkeep.testing.hostile.Move.Duty.REFUSED_OR_HARMLESS;
import static org.innerkeep.testing.hostile.Move.Duty.UNDETECTED;
import static org.innerkeep.testing.hostile.Place.CALL;
import static org.innerkeep.testing.hostile.Place.CONNECTION;
import static org.innerkeep.testing.hostile.Place.FRAME;
import static org.innerkeep.testing.hostile.Place.READ;
import static org.innerkeep.testing.hostile.Place.RECORD_IN;
import static org.innerkeep.testing.hostile.Place.RECORD_OUT;
import static org.innerkeep.testing.hostile.Place.SERVED;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One thing that a hostile host does. Each names where it can be done, what it is, and what a sound system owes: {@link
 * Run#neglected} tells where it was not done.
 */
public enum Move {
    /** Holds a record back until other things have happened, then passes it on. */
    DELAY_RECORD(HARMLESS, "holds a record back until other things happened", RECORD_IN, RECORD_OUT),
    /** Passes everything on but one record. */
    DROP_RECORD(REFUSED_OR_HARMLESS, "leaves one record out", RECORD_IN, RECORD_OUT),
    /** Ends both directions of a connection at once. */
    CUT_CONNECTION(REFUSED_OR_HARMLESS, "cuts the connection", RECORD_IN, RECORD_OUT),
    /** Ends one direction as if its sender had ended it, and keeps the other. */
    HALF_CLOSE(REFUSED_OR_HARMLESS, "ends one direction as if its sender had", RECORD_IN, RECORD_OUT),
    /** Passes half of a record on, then ends that direction. */
    CUT_IN_RECORD(REFUSED_OR_HARMLESS, "ends one direction within a record", RECORD_IN, RECORD_OUT),
    /** Flips one bit of a record, its header included. */
    FLIP_RECORD_BIT(REFUSED_OR_HARMLESS, "flips one bit of a record", RECORD_IN, RECORD_OUT),
    /** Replaces what is in a record by random bytes. */
    RANDOM_RECORD(REFUSED_OR_HARMLESS, "replaces a record's content by random bytes", RECORD_IN, RECORD_OUT),
    /** Sends a record twice. */
    DUPLICATE_RECORD(REFUSED_OR_HARMLESS, "sends a record twice", RECORD_IN, RECORD_OUT),
    /** Sends two neighbouring records in the other order. */
    SWAP_RECORDS(REFUSED_OR_HARMLESS, "sends a record after its successor", RECORD_IN, RECORD_OUT),
    /** Sends a record of random bytes before one. */
    INSERT_RECORD(REFUSED_OR_HARMLESS, "sends an invented record first", RECORD_IN, RECORD_OUT),
    /** Replaces a record by one that it carried in the same direction of another connection before. */
    REPLAY_RECORD(REFUSED_OR_HARMLESS, "replaces a record by one of an earlier connection", RECORD_IN, RECORD_OUT),
    /** Sends a record into another open connection, in the same direction, instead of its own. */
    SPLICE_RECORD(REFUSED_OR_HARMLESS, "sends a record into another connection", RECORD_IN, RECORD_OUT),
    /** Connects a client whose session has begun to a second enclave of the same build. */
    RECONNECT(REFUSED_OR_HARMLESS, "connects a session that has begun to another enclave of the same build", RECORD_IN),

    /** Takes a connection and ends it. */
    DENY(REFUSED, "ends a connection before anything is carried", CONNECTION),
    /** Sends an enclave everything again that another client sent it. */
    REPLAY_CLIENT(HARMLESS, "plays an earlier client's bytes to the enclave once more", CONNECTION),
    /** Answers a client with what the enclave said to another client. */
    REPLAY_ENCLAVE(REFUSED, "answers a client with an enclave's bytes of an earlier connection", CONNECTION),
    /** Connects a client to another program. */
    SWAP_CODE(REFUSED, "connects a client to other code", CONNECTION),
    /** Connects a client to an older version. */
    SWAP_OLDER(REFUSED, "connects a client to an older version", CONNECTION),
    /** Connects a client to a debuggable build. */
    SWAP_DEBUG(REFUSED, "connects a client to a debug build", CONNECTION),
    /** Connects a client to an enclave on a platform that it did not pin. */
    SWAP_PLATFORM(REFUSED, "connects a client to an enclave on another platform", CONNECTION),
    /** Connects a client to an enclave whose evidence is too old. */
    CLOCK_BEHIND(REFUSED, "connects a client to an enclave whose clock is behind", CONNECTION),
    /** Connects a client to an enclave whose evidence is of a time to come. */
    CLOCK_AHEAD(REFUSED, "connects a client to an enclave whose clock is ahead", CONNECTION),
    /** Runs two enclaves of the agreed build with the same stored state and connects a client to the second. */
    FORK(REFUSED_OR_HARMLESS, "starts a second enclave with the same state and connects a client to it", CONNECTION),

    /** Comes as a client of its own and does what the scenario's {@link Scenario#intrude} does. */
    INTRUDE(REFUSED_OR_HARMLESS, "comes as a client of its own and lies", CONNECTION, CALL),

    /** Leaves one frame of typed calls out. */
    DROP_FRAME(REFUSED_OR_HARMLESS, "leaves a frame out", FRAME),
    /** Sends a frame twice. */
    DUPLICATE_FRAME(REFUSED_OR_HARMLESS, "sends a frame twice", FRAME),
    /** Sends two neighbouring frames in the other order. */
    SWAP_FRAMES(REFUSED_OR_HARMLESS, "sends a frame after its successor", FRAME),
    /** Sends an older frame again, before one. */
    REPLAY_FRAME(REFUSED_OR_HARMLESS, "sends an earlier frame again", FRAME),
    /** Flips one bit of a frame, its length included. */
    FLIP_FRAME_BIT(REFUSED_OR_HARMLESS, "flips one bit of a frame", FRAME),
    /** Replaces what is in a frame by random bytes. */
    RANDOM_FRAME(REFUSED_OR_HARMLESS, "replaces a frame by random bytes", FRAME),
    /** Sends half of a frame and ends. */
    CUT_IN_FRAME(REFUSED_OR_HARMLESS, "ends the connection for calls within a frame", FRAME),
    /** Announces a frame of 4 GiB. */
    OVERSIZE_FRAME(REFUSED_OR_HARMLESS, "announces a frame of 4 GiB", FRAME),
    /** Sends a frame of a kind that does not exist. */
    UNKNOWN_FRAME(REFUSED_OR_HARMLESS, "sends a frame of an unknown kind", FRAME),
    /** Gives a frame the id of another. */
    WRONG_FRAME_ID(REFUSED_OR_HARMLESS, "gives a frame another id", FRAME),
    /** Cancels a request right after sending it. */
    CANCEL_FRAME(REFUSED_OR_HARMLESS, "cancels a request right after it is sent", FRAME),

    /** Makes a call twice, one after the other; the operator gets the first answer. */
    REPEAT_CALL(HARMLESS, "makes a call twice", CALL),
    /** Makes a call twice at the same time; the operator gets the answer of one that was done. */
    CONCURRENT_CALL(HARMLESS, "makes a call twice at the same time", CALL),
    /** Leaves a call out and takes an earlier answer of the same type for its answer. */
    SKIP_CALL(REFUSED_OR_HARMLESS, "leaves a call out", CALL),
    /** Makes a call with the arguments of an earlier call of the same method. */
    STALE_ARGUMENTS(REFUSED_OR_HARMLESS, "makes a call with an earlier call's arguments", CALL),
    /** Makes a call with one argument exchanged for one of the same type from any earlier call. */
    MIXED_ARGUMENTS(REFUSED_OR_HARMLESS, "makes a call with one argument of another call", CALL),
    /** Makes another call first, of any method, with arguments from earlier calls. */
    OTHER_CALL(REFUSED_OR_HARMLESS, "makes another call first, out of order", CALL),

    /** Gives an enclave that calls it an earlier answer. */
    STALE_ANSWER(REFUSED_OR_HARMLESS, "answers an enclave's call as an earlier one", SERVED),
    /** Gives an enclave that calls it no answer, but a failure. */
    NO_ANSWER(REFUSED_OR_HARMLESS, "fails an enclave's call", SERVED),
    /** Carries out an enclave's call twice. */
    SERVE_TWICE(REFUSED_OR_HARMLESS, "carries out an enclave's call twice", SERVED),

    /** Reads an older value of the same name. */
    OLDER_VALUE(UNDETECTED, "gives an older value of the same name", READ),
    /** Reads another name's value. */
    OTHERS_VALUE(REFUSED_OR_HARMLESS, "gives another name's value", READ),
    /** Reads a value that ends early. */
    CUT_VALUE(REFUSED_OR_HARMLESS, "gives a value that was cut", READ),
    /** Reads a value with one bit flipped. */
    FLIPPED_VALUE(REFUSED_OR_HARMLESS, "gives a value with one bit flipped", READ),
    /** Reads nothing where there is a value. */
    LOST_VALUE(REFUSED_OR_HARMLESS, "gives no value", READ),
    /** Puts its whole storage back to what it was some writes ago. */
    ROLL_BACK(UNDETECTED, "puts the whole storage back to an earlier state", READ),

    /** Ends the enclave. */
    KILL(REFUSED_OR_HARMLESS, "ends the enclave", CALL, RECORD_IN, RECORD_OUT),
    /** Ends the enclave and starts the same build with what is stored. */
    RESTART(REFUSED_OR_HARMLESS, "ends the enclave and starts it again", CALL, RECORD_IN),
    /** Ends the enclave and starts an older version with what is stored. */
    RESTART_OLDER(REFUSED, "ends the enclave and starts an older version with its state", CALL),
    /** Ends the enclave and starts a debug build with what is stored. */
    RESTART_DEBUG(REFUSED, "ends the enclave and starts a debug build with its state", CALL),
    /** Ends the enclave and starts other code with what is stored. */
    RESTART_CODE(REFUSED, "ends the enclave and starts other code with its state", CALL);

    /** What a sound system owes when a move took effect. Under each, no secret is seen and no wrong result is accepted. */
    public enum Duty {
        /** A client that meets it refuses. Whoever was not connected any more is not concerned. */
        REFUSED,
        /** All goes on as if nothing had been done; nobody refuses. */
        HARMLESS,
        /** One of both: it depends on the point. */
        REFUSED_OR_HARMLESS,
        /** Old values stay valid, by design: nothing inside an enclave counts them. Clients may get an old state. */
        UNDETECTED
    }

    private final Duty duty;
    private final String text;
    private final List<Place> places;

    Move(Duty duty, String text, Place... places) {
        this.duty = duty;
        this.text = text;
        this.places = List.of(places);
    }

    /** {@return what a sound system owes} */
    public Duty duty() {
        return duty;
    }

    /** {@return what the host does, in words} */
    public String text() {
        return text;
    }

    /** {@return where it can be done} */
    public List<Place> places() {
        return places;
    }

    /** {@return its name in schedules, such as {@code flip-record-bit}} */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** {@return what must be startable for this move, if it needs more than the agreed build} */
    public Optional<Build> build() {
        return switch (this) {
            case SWAP_CODE, RESTART_CODE -> Optional.of(Build.OTHER_CODE);
            case SWAP_OLDER, RESTART_OLDER -> Optional.of(Build.OLDER);
            case SWAP_DEBUG, RESTART_DEBUG -> Optional.of(Build.DEBUG);
            case SWAP_PLATFORM -> Optional.of(Build.OTHER_PLATFORM);
            case CLOCK_BEHIND -> Optional.of(Build.CLOCK_BEHIND);
            case CLOCK_AHEAD -> Optional.of(Build.CLOCK_AHEAD);
            default -> Optional.empty();
        };
    }

    /**
     * The move of a name.
     *
     * @param id as {@link #id} gives it
     * @return the move
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Move of(String id) {
        return Arrays.stream(values())
                .filter(move -> move.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no move '" + id + "'"));
    }
}
