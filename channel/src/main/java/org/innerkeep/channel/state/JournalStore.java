package org.innerkeep.channel.state;

import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.call.HostVisible;

/**
 * Where a host keeps the sealed journal of one enclave program: records, which come one after another, in chapters. A chapter
 * begins with all that is needed to go on from it, so the ones before it can be given up. To the enclave whatever comes from here
 * is hostile; to the host the enclave is: numbers and sizes are bounded on both sides.
 *
 * <p>{@link StateStore} is for few values that are written whole; this is for programs that change a little of much, and often.
 */
@HostVisible
public interface JournalStore {
    /** The most bytes of one sealed record. */
    int MAX_BYTES = (4 << 20) + (64 << 10);

    /** The most records of one chapter. */
    int MAX_RECORDS = 1 << 24;

    /**
     * The most chapters at once: one that counts, one that is being written, and what was left behind when an enclave was ended.
     */
    int MAX_CHAPTERS = 8;

    /**
     * A chapter.
     *
     * @param number at least 1
     * @param records how many it has
     */
    record Chapter(long number, int records) {}

    /** {@return the chapters that are kept, in the order of their numbers, at most {@link #MAX_CHAPTERS}} */
    List<Chapter> chapters();

    /**
     * Reads a record.
     *
     * @param chapter its chapter's number
     * @param index its place, from 0
     * @return the sealed record; nothing where there is none
     */
    Optional<byte[]> read(long chapter, int index);

    /**
     * Writes a record behind the one before it. Once this returns it is on the disk. What stood at this place or behind it in
     * this chapter is given up: an enclave writes again only what it has told nobody of.
     *
     * @param chapter its chapter's number, at least 1
     * @param index its place; 0 begins a chapter, anew if there is one of that number
     * @param sealed 1 to {@link #MAX_BYTES} bytes
     */
    void append(long chapter, int index, byte[] sealed);

    /**
     * Takes away chapters that are not needed any more.
     *
     * @param before the first number that is still needed
     */
    void discard(long before);
}
