package org.innerkeep.cli;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.tpm.PcrValues;

/** Register values of a TPM as {@code tpm2_pcrread} prints them: a bank's name and a colon, then registers with their values. */
final class RegisterText {
    private static final Pattern BANK = Pattern.compile("(sha1|sha256|sha384|sha512)\\s*:");
    private static final Pattern REGISTER = Pattern.compile("([0-9]{1,2})\\s*:\\s*(?:0[xX])?([0-9a-fA-F]{40,128})");

    private RegisterText() {}

    /**
     * Reads the text.
     *
     * @param text of the file
     * @return the values, or nothing where the text is of another form
     * @throws IllegalArgumentException if it has that form and a line of it is wrong
     */
    static Optional<PcrValues> read(String text) {
        if (!BANK.matcher(text.strip()).lookingAt()) {
            return Optional.empty();
        }
        Map<TpmHash, SortedMap<Integer, Bytes>> banks = new TreeMap<>();
        SortedMap<Integer, Bytes> current = new TreeMap<>();
        for (String line : text.lines().map(String::strip).filter(each -> !each.isEmpty()).toList()) {
            Matcher bank = BANK.matcher(line);
            Matcher register = REGISTER.matcher(line);
            if (bank.matches()) {
                current = banks.computeIfAbsent(TpmHash.valueOf(bank.group(1).toUpperCase(Locale.ROOT)), each -> new TreeMap<>());
            } else if (register.matches()) {
                if (current.put(Integer.valueOf(register.group(1)), Bytes.fromHex(register.group(2))) != null) {
                    throw new IllegalArgumentException("register values: register " + register.group(1) + " stands twice in a bank");
                }
            } else {
                throw new IllegalArgumentException(
                        "register values: expected lines as tpm2_pcrread prints them, 'sha256:' and '0 : 0x…'");
            }
        }
        // A bank of which nothing is known is none.
        banks.values().removeIf(Map::isEmpty);
        return Optional.of(PcrValues.of(banks));
    }
}
