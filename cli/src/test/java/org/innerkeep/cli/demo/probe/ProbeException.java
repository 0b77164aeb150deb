package org.innerkeep.cli.demo.probe;

import java.io.Serial;

/** A declared failure that carries a text. */
public final class ProbeException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * What it carries.
     *
     * @param text any
     */
    public record Detail(String text) {}

    private final transient Detail detail;

    /**
     * Creates it.
     *
     * @param detail what it carries
     */
    public ProbeException(Detail detail) {
        super(detail.text());
        this.detail = detail;
    }

    /** {@return what it carries} */
    public Detail detail() {
        return detail;
    }
}
