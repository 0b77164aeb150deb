package @PACKAGE@;

/** Too few salaries were given. A client gets the detail; its text is made anew on the client's side. */
public final class TooFewException extends Exception {
    /**
     * What crosses to the client.
     *
     * @param given how many were given
     * @param needed how many are needed
     */
    public record Detail(int given, int needed) {}

    private final transient Detail detail;

    /**
     * Creates a refusal.
     *
     * @param detail how many were given and are needed
     */
    public TooFewException(Detail detail) {
        super(detail.given() + " given, " + detail.needed() + " needed");
        this.detail = detail;
    }

    /** {@return how many were given and are needed} */
    public Detail detail() {
        return detail;
    }
}
