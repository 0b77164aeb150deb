package org.innerkeep.cli.tcb;

/**
 * What a method is called by, without the class.
 *
 * @param name its name
 * @param descriptor its parameters and result, in the form of JVMS 4.3.3
 */
record Signature(String name, String descriptor) {
    static final Signature CLASS_INITIALIZER = new Signature("<clinit>", "()V");
    static final Signature CONSTRUCTOR_WITHOUT_PARAMETERS = new Signature("<init>", "()V");

    boolean isConstructor() {
        return name.equals("<init>");
    }

    @Override
    public String toString() {
        return name + descriptor;
    }
}
