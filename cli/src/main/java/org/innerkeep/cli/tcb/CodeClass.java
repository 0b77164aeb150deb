package org.innerkeep.cli.tcb;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A class of the bundle.
 *
 * @param name its binary name
 * @param jar the path of its jar in the bundle
 * @param sizeBytes the size of its class file
 * @param isInterface whether it is an interface
 * @param isValue whether calls can carry it: a record or an enum
 * @param superclass its superclass; none has {@code Object} only
 * @param interfaces the interfaces that it names
 * @param permitted for a sealed class or interface, those that may extend it
 * @param parts for a record, the classes that its components name
 * @param methods its methods
 */
record CodeClass(
        String name,
        String jar,
        int sizeBytes,
        boolean isInterface,
        boolean isValue,
        Optional<String> superclass,
        List<String> interfaces,
        List<String> permitted,
        List<String> parts,
        Map<Signature, CodeMethod> methods) {}
