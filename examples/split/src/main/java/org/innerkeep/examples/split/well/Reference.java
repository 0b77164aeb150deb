package org.innerkeep.examples.split.well;

import java.io.InputStream;
import java.util.Map;
import org.innerkeep.channel.call.HostVisible;

/** For the operator: everything that scores depend on, once. What it has parsed need not be parsed inside. */
@HostVisible
public interface Reference {
    /**
     * Loads it.
     *
     * @param weights what a country adds, by its letters
     * @param merchants a line for each: number, complaints of a hundred payments, whether it is closed ({@code true} or {@code false}),
     *     with commas between them
     * @return how many merchants there are
     */
    int load(Map<String, Integer> weights, InputStream merchants);
}
