package @PACKAGE@;

/** What the enclave offers to its clients. */
public interface Salaries {
    /**
     * Gives one salary. It never leaves the enclave again.
     *
     * @param salary whoever runs the enclave does not see it
     */
    void submit(Salary salary);

    /**
     * Asks for the median of all salaries given so far.
     *
     * @return the median
     * @throws TooFewException if so few were given that it would point at somebody
     */
    Median median() throws TooFewException;
}
