package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/** A process of its own that holds the secrets of the forms named by its arguments until its standard input ends. */
final class Holder {
    private Holder() {}

    public static void main(String[] forms) throws IOException {
        List<Object> held = new ArrayList<>();
        for (String form : forms) {
            held.add(Secrets.held(Form.valueOf(form)));
        }
        System.out.write('.');
        System.out.flush();
        while (System.in.read() >= 0) {
            // Waits for its end.
        }
        Reference.reachabilityFence(held);
    }
}
