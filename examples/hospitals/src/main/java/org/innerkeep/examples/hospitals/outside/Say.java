package org.innerkeep.examples.hospitals.outside;

import java.io.PrintStream;

/** What these programs print: one line for each step, for people and for the program that watches them. */
@SuppressWarnings("SystemOut")
final class Say {
    private Say() {}

    static void line(String line) {
        PrintStream out = System.out;
        out.println(line);
        out.flush();
    }

    /** A refusal: its codes on one line, then why, indented. */
    static void refused(String codes, String why) {
        line("REFUSED " + codes);
        why.lines().forEach(each -> line("  " + each));
    }
}
