package org.innerkeep.evidence;

import java.util.Collection;
import java.util.TreeSet;
import org.innerkeep.evidence.cbor.CborReader;

/**
 * Reads the claims of one profile of ours in their one order: a claim that is missing, repeated, out of order or unknown
 * is refused. Not safe for use by several threads.
 */
public final class EatReader {
    private final String name;
    private final CborReader reader;

    /**
     * Begins to read.
     *
     * @param token hostile bytes, not copied
     * @param name the name of the whole, for messages
     * @param claims how many claims there must be
     * @throws MalformedException if it is not a map with that many
     */
    public EatReader(byte[] token, String name, int claims) throws MalformedException {
        this.name = name;
        this.reader = new CborReader(token);
        reader.map(name, claims, claims);
    }

    /**
     * Reads a claim that is an integer.
     *
     * @param key the claim key that must come now
     * @param claim its name, for messages
     * @param least the least accepted
     * @param most the most accepted
     * @return its value
     * @throws MalformedException if something else comes
     */
    public long integer(long key, String claim, long least, long most) throws MalformedException {
        key(key, claim);
        return reader.integer(path(claim), least, most);
    }

    /**
     * Reads a claim that is a byte string.
     *
     * @param key the claim key that must come now
     * @param claim its name, for messages
     * @param least the fewest bytes accepted
     * @param most the most bytes accepted
     * @return its value
     * @throws MalformedException if something else comes
     */
    public Bytes bytes(long key, String claim, int least, int most) throws MalformedException {
        key(key, claim);
        return Bytes.of(reader.bytes(path(claim), least, most));
    }

    /**
     * Reads a claim that is text.
     *
     * @param key the claim key that must come now
     * @param claim its name, for messages
     * @param most the most bytes of UTF-8 accepted
     * @return its value
     * @throws MalformedException if something else comes
     */
    public String text(long key, String claim, int most) throws MalformedException {
        key(key, claim);
        return reader.text(path(claim), most);
    }

    /**
     * Reads a claim that is one of a few words.
     *
     * @param key the claim key that must come now
     * @param claim its name, for messages
     * @param words the texts accepted
     * @return the one found
     * @throws MalformedException if something else comes
     */
    public String oneOf(long key, String claim, Collection<String> words) throws MalformedException {
        key(key, claim);
        int start = reader.offset();
        String found = reader.text(path(claim), Eat.MAX_PROFILE_BYTES);
        if (!words.contains(found)) {
            // Sorted, so that the message does not depend on the collection. What was found is hostile and not shown.
            throw new MalformedException(path(claim), start, "expected one of " + new TreeSet<>(words));
        }
        return found;
    }

    /**
     * Reads a claim that is a truth value.
     *
     * @param key the claim key that must come now
     * @param claim its name, for messages
     * @return its value
     * @throws MalformedException if something else comes
     */
    public boolean bool(long key, String claim) throws MalformedException {
        key(key, claim);
        return reader.bool(path(claim));
    }

    /**
     * Checks that nothing is left.
     *
     * @throws MalformedException if bytes are left
     */
    public void end() throws MalformedException {
        reader.end(name);
    }

    private void key(long wanted, String claim) throws MalformedException {
        int start = reader.offset();
        long found = reader.integer(path(claim) + " key");
        if (found != wanted) {
            throw new MalformedException(
                    path(claim) + " key", start, "expected claim " + wanted + ", found claim " + found);
        }
    }

    private String path(String claim) {
        return name + "." + claim;
    }
}
