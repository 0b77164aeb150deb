package org.innerkeep.evidence.real;

/** Verifies the cases of one kind of evidence and compares what is found with what is expected. */
@FunctionalInterface
interface RealKind {
    /** Fails unless the case gives exactly its expected outcome; takes every field of what is expected. */
    void check(RealCase each) throws Exception;
}
