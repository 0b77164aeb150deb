package org.innerkeep.channel.file;

import java.util.Optional;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.innerkeep.channel.internal.hpke.ChaCha20Poly1305;

/**
 * What came of opening a chunk in its place.
 *
 * @param length how many bytes of plaintext are proven, and may be handed out before the failure
 * @param failure why the file is refused; nothing if the chunk is what its place asks for
 */
record OpenedChunk(int length, Optional<SealedFileException> failure) {
    /**
     * Opens a chunk.
     *
     * @param cipher of the payload
     * @param index the chunk's place
     * @param last whether nothing follows it
     * @param sealed holds it
     * @param length how many bytes of them it has
     * @param plain takes the plaintext; of what it holds only as much counts as this says
     */
    static OpenedChunk open(PayloadCipher cipher, long index, boolean last, byte[] sealed, int length, byte[] plain) {
        if (length < ChaCha20Poly1305.TAG) {
            return refused(index, Code.PAYLOAD_TRUNCATED, "the file ends before its final chunk");
        }
        int count = cipher.open(index, last, sealed, length, plain);
        if (count < 0) {
            return diagnose(cipher, index, last, sealed, length, plain);
        }
        if (last && count == 0 && index > 0) {
            return refused(index, Code.PAYLOAD_MODIFIED, "the final chunk is empty in a file that is not");
        }
        return new OpenedChunk(count, Optional.empty());
    }

    /**
     * Finds out why a chunk is not what its place asks for. A whole chunk that is proven in the other role is handed out all the
     * same, before the failure: it is where it belongs, only what follows is wrong.
     */
    private static OpenedChunk diagnose(PayloadCipher cipher, long index, boolean last, byte[] sealed, int length, byte[] plain) {
        int count = cipher.open(index, !last, sealed, length, plain);
        if (count < 0) {
            return refused(index, Code.PAYLOAD_MODIFIED,
                "it was changed or moved after sealing" + (last ? ", or the file was cut inside it" : ""));
        }
        OpenedChunk found = last
            ? refused(index, Code.PAYLOAD_TRUNCATED, "the file ends after it and it is not the final one")
            : refused(index, Code.PAYLOAD_TRAILING_BYTES, "it is the final one and more bytes follow");
        return length < PayloadCipher.SEALED_CHUNK ? found : new OpenedChunk(count, found.failure);
    }

    private static OpenedChunk refused(long index, Code code, String problem) {
        return new OpenedChunk(0, Optional.of(new SealedFileException(code, "sealed file, chunk " + index + " (plaintext from byte "
            + index * PayloadCipher.CHUNK + "): " + problem)));
    }
}
