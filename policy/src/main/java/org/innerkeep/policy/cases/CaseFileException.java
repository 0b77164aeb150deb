package org.innerkeep.policy.cases;

import java.io.Serial;

/** A file of claims or of cases does not have its form. The message says where in it; names from the file are escaped. */
public final class CaseFileException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    CaseFileException(String message) {
        super(message);
    }

    CaseFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
