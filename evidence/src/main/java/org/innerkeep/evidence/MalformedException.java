package org.innerkeep.evidence;

import java.io.Serial;

/**
 * Bytes from outside do not have the form that they must have. Says where: the field by its name and the offset in the
 * bytes given to the parser. The message never holds the bytes themselves.
 */
public final class MalformedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final String field;
    private final long offset;
    private final String problem;

    /**
     * Creates a refusal of bytes.
     *
     * @param field the name of the field at fault, as its specification has it
     * @param offset the byte offset of the fault, or -1 where no single place is at fault
     * @param problem what was found and what was wanted
     */
    public MalformedException(String field, long offset, String problem) {
        super(offset < 0 ? field + ": " + problem : field + " at byte " + offset + ": " + problem);
        this.field = field;
        this.offset = offset;
        this.problem = problem;
    }

    /** {@return what was found and what was wanted; never the bytes themselves} */
    public String problem() {
        return problem;
    }

    /** {@return the name of the field at fault} */
    public String field() {
        return field;
    }

    /** {@return the byte offset of the fault, or -1 where no single place is at fault} */
    public long offset() {
        return offset;
    }
}
