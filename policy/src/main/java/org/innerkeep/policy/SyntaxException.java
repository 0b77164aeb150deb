package org.innerkeep.policy;

/** Ends the reading of one rule; its problem is reported already. Without a stack trace: it only carries the reader back. */
final class SyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    SyntaxException() {
        super(null, null, false, false);
    }
}
