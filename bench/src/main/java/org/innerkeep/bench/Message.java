package org.innerkeep.bench;

import java.util.Random;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What is sent there and back. */
@State(Scope.Benchmark)
public class Message {
    @Param({"64", "65536"})
    private int bytes;

    private byte[] content = {};

    /** Makes the message. */
    @Setup
    public void fill() {
        content = new byte[bytes];
        new Random(1).nextBytes(content);
    }

    byte[] content() {
        return content;
    }

    /** {@return the answer, if it is the message} */
    static byte[] checked(byte[] sent, byte[] answer) {
        // Length and one byte only: comparing all of it would be timed too.
        if (answer.length != sent.length || answer[answer.length - 1] != sent[sent.length - 1]) {
            throw new IllegalStateException("the answer is not the message");
        }
        return answer;
    }
}
