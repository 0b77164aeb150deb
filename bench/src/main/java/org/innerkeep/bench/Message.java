package org.innerkeep.bench;

import java.util.Random;

/** What is sent there and back. */
final class Message {
    private Message() {}

    static byte[] of(int bytes) {
        byte[] content = new byte[bytes];
        new Random(1).nextBytes(content);
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
