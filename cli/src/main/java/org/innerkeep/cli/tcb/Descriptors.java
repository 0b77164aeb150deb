package org.innerkeep.cli.tcb;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.stream.Collectors;

/** Method descriptors as people write them. */
final class Descriptors {
    private Descriptors() {}

    /** {@return for example {@code Score score(Payment)}} */
    static String readable(Signature signature) {
        MethodTypeDesc type = MethodTypeDesc.ofDescriptor(signature.descriptor());
        return type.returnType().displayName() + " " + signature.name() + "("
                + type.parameterList().stream().map(ClassDesc::displayName).collect(Collectors.joining(", ")) + ")";
    }
}
