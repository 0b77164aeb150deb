package @PACKAGE@;

import org.innerkeep.channel.call.Confidential;

/**
 * A salary. The mark keeps it out of every interface that the host can see: such a bundle is not packed.
 *
 * @param euros a year, 1 to 10,000,000; what a client sends is checked again inside, by this constructor
 */
@Confidential
public record Salary(int euros) {
    /** Checks the range. */
    public Salary {
        if (euros < 1 || euros > 10_000_000) {
            throw new IllegalArgumentException("a salary is 1 to 10000000 euros a year");
        }
    }
}
