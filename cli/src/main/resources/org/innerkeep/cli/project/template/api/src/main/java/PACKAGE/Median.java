package @PACKAGE@;

/**
 * What leaves the enclave.
 *
 * @param euros the median
 * @param people how many salaries it is the median of
 */
public record Median(int euros, int people) {}
