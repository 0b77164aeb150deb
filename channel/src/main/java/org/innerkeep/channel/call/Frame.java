package org.innerkeep.channel.call;

import java.nio.ByteBuffer;
import java.util.List;
import org.innerkeep.channel.call.CallException.Code;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;

/**
 * The frames of a connection. Each is a length of four bytes, big-endian, and one CBOR array of that many bytes:
 *
 * <pre>
 * [0, id, interface, schema digest]               BIND      opens an interface; answered by its index
 * [1, id, interface, method, deadline, arguments] REQUEST   a call; the deadline is in milliseconds from now
 * [2, id, value]                                  VALUE     the result; null where there is none
 * [3, id, exception, detail]                      DECLARED  a declared exception by its index; detail null if not disclosed
 * [4, id, code]                                   FAILURE   no result, and why
 * [5, id]                                         CANCEL    the caller waits no longer; not answered
 * </pre>
 *
 * Each side counts the ids of its own calls from 1.
 */
final class Frame {
    /** What a frame is. */
    enum Kind {
        BIND(0, 4),
        REQUEST(1, 6),
        VALUE(2, 3),
        DECLARED(3, 4),
        FAILURE(4, 3),
        CANCEL(5, 2);

        private final int number;
        private final int items;

        Kind(int number, int items) {
            this.number = number;
            this.items = items;
        }
    }

    /** Codes as they cross; the position is the number. The others never leave the side on which they arise. */
    private static final List<Code> CODES = List.of(
            Code.NOT_OFFERED,
            Code.SCHEMA_MISMATCH,
            Code.BUSY,
            Code.FAILED,
            Code.MALFORMED,
            Code.TOO_LARGE,
            Code.DEADLINE);

    private static final List<Kind> KINDS = List.of(Kind.values());
    private static final int PREFIX_BYTES = 4;

    /** The longest deadline that can be asked for: a day. */
    static final long MAX_DEADLINE_MILLIS = 86_400_000;

    private Frame() {}

    /** Begins a frame; its length is filled in by {@link #finish}. */
    static Output begin(Kind kind, long id, int maxFrameBytes) {
        Output out = new Output(maxFrameBytes + PREFIX_BYTES);
        out.cbor().raw(new byte[PREFIX_BYTES]).array(kind.items).integer(kind.number).integer(id);
        return out;
    }

    static byte[] finish(Output out) {
        out.checkSize();
        byte[] frame = out.cbor().toByteArray();
        ByteBuffer.wrap(frame).putInt(frame.length - PREFIX_BYTES);
        return frame;
    }

    static byte[] cancel(long id) {
        return finish(begin(Kind.CANCEL, id, 64));
    }

    static byte[] index(long id, int index) {
        Output out = begin(Kind.VALUE, id, 64);
        out.cbor().integer(index);
        return finish(out);
    }

    static byte[] failure(long id, Code code) {
        Output out = begin(Kind.FAILURE, id, 64);
        out.cbor().integer(CODES.indexOf(code));
        return finish(out);
    }

    static Kind readKind(CborReader cbor) throws MalformedException {
        int items = cbor.array("frame", 2, 6);
        Kind kind = KINDS.get((int) cbor.integer("frame.kind", 0, KINDS.size() - 1));
        if (items != kind.items) {
            throw new MalformedException("frame", 0, "expected " + kind.items + " items of " + kind + ", found " + items);
        }
        return kind;
    }

    static long readId(CborReader cbor) throws MalformedException {
        return cbor.integer("frame.id", 1, Long.MAX_VALUE);
    }

    static Code readCode(CborReader cbor) throws MalformedException {
        Code code = CODES.get((int) cbor.integer("frame.code", 0, CODES.size() - 1));
        cbor.end("frame");
        return code;
    }
}
