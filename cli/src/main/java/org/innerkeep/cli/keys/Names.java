package org.innerkeep.cli.keys;

import java.io.IOException;
import java.util.regex.Pattern;

/** Names of keys, and ids, before they become part of an address. */
final class Names {
    private static final Pattern NAME = Pattern.compile("[0-9A-Za-z-]{1,127}");
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

    private Names() {}

    static String checked(String name) throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new IOException("key '" + name + "': expected 1 to 127 letters, digits and hyphens");
        }
        return name;
    }

    static String id(String what, String id) throws IOException {
        if (!ID.matcher(id).matches()) {
            throw new IOException(what + ": expected 32 hexadecimal digits, as 'innerkeep keys show' prints them");
        }
        return id;
    }
}
