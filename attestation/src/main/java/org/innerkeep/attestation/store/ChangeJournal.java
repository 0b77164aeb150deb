package org.innerkeep.attestation.store;

import java.io.IOException;
import java.io.Serial;

/**
 * Where a database that is in memory only has what changes kept: an image of the whole, and the changes since, in their order.
 * Whoever implements this answers for everything that a disk does, and for what a disk does not: nobody else may read what is
 * given here, and what {@link #replay} gives back is exactly what was kept last.
 *
 * <p>Used by one thread at a time.
 */
public interface ChangeJournal {
    /** Takes what was kept, in its order. */
    interface Reader {
        /**
         * All that is before this is replaced.
         *
         * @param database an image; empty for an empty database
         * @throws IOException if it is none
         */
        void image(byte[] database) throws IOException;

        /**
         * A change of what was before.
         *
         * @param change as it was given to {@link #append}
         * @throws IOException if it is none, or cannot be made
         */
        void change(byte[] change) throws IOException;
    }

    /** The journal has ended for this life: what it would say to a further change may not be true any more. */
    final class EndedException extends IOException {
        @Serial
        private static final long serialVersionUID = 1L;

        /**
         * Creates the exception.
         *
         * @param message what happened, and what to do
         * @param cause what was found
         */
        public EndedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The journal has no room for it: nothing was kept, and nothing is in doubt. */
    final class RefusedException extends IOException {
        @Serial
        private static final long serialVersionUID = 1L;

        /**
         * Creates the exception.
         *
         * @param message what was found, and what fits
         */
        public RefusedException(String message) {
            super(message);
        }
    }

    /**
     * Gives back what was kept; nothing at the very first time. Called once, before anything else.
     *
     * @param reader takes it
     * @throws IOException if it cannot be read, or the reader does not take it
     */
    void replay(Reader reader) throws IOException;

    /**
     * Keeps a change.
     *
     * @param change what it is; not secret from the journal
     * @throws RefusedException if it is not kept, and never will be
     * @throws EndedException if it cannot be known any more what is kept: nothing is kept from now on
     * @throws IOException if it is not known to be kept: {@link #replay} may give it back one day, unless another change or an
     *     image is kept after this, which takes its place
     */
    void append(byte[] change) throws IOException;

    /** {@return whether so much was appended since the last image that a new one is due} */
    boolean wantsImage();

    /**
     * Keeps an image, in place of everything before.
     *
     * @param database the image
     * @throws RefusedException as for {@link #append}
     * @throws EndedException as for {@link #append}
     * @throws IOException if it is not known to be kept; what was kept before counts on
     */
    void image(byte[] database) throws IOException;
}
