package org.innerkeep.cli.tcb;

/**
 * A call in the code of a method, or a handle to a method that code makes.
 *
 * @param owner the class that the call names, a binary name
 * @param target what is called
 * @param kind how the method is found
 */
record Call(String owner, Signature target, Kind kind) {
    enum Kind {
        /** In the named class or above it: static methods, constructors, {@code super}. */
        EXACT,
        /** In the class of the object: any class below the named one. */
        VIRTUAL
    }
}
