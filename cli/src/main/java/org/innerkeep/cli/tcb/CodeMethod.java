package org.innerkeep.cli.tcb;

import java.util.Set;

/**
 * A method of a class in the bundle.
 *
 * @param signature what it is called by
 * @param isStatic whether it needs no object
 * @param isAbstract whether it has no code
 * @param isNative whether its code is in a native library
 * @param calls what its code calls
 * @param created the classes of which its code makes objects
 * @param touched the classes whose initializers its code may run: static fields, static methods
 * @param reads the fields that its code reads, as {@code class.field}
 * @param writes the fields that its code writes
 * @param named the classes that its parameters and its result name
 */
record CodeMethod(
        Signature signature,
        boolean isStatic,
        boolean isAbstract,
        boolean isNative,
        Set<Call> calls,
        Set<String> created,
        Set<String> touched,
        Set<String> reads,
        Set<String> writes,
        Set<String> named) {}
