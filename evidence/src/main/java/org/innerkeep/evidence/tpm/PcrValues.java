package org.innerkeep.evidence.tpm;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.eventlog.TpmHash;

/**
 * Values of PCRs, which stand beside a quote and not in it. Their form is a CBOR map from banks (TPM_ALG_ID) to maps from registers to
 * values, in ascending order, so that the same values always have the same bytes:
 * {@code {11: {0: h'3d45…', 7: h'…'}}} are PCR 0 and PCR 7 of the SHA-256 bank.
 *
 * @param banks at least one, each with at least one register of 0 to 31; values as long as the bank's digests
 */
public record PcrValues(SortedMap<TpmHash, SortedMap<Integer, Bytes>> banks) {
    private static final int MAX_REGISTER = 8 * PcrSelection.MAX_BITMAP - 1;

    /**
     * Copies the values and checks them.
     *
     * @throws IllegalArgumentException if a bank is empty, or a register or the length of a value is out of bounds
     */
    public PcrValues {
        TreeMap<TpmHash, SortedMap<Integer, Bytes>> copy = new TreeMap<>();
        banks.forEach((bank, values) -> {
            if (values.isEmpty()
                    || values.firstKey() < 0
                    || values.lastKey() > MAX_REGISTER
                    || !values.values().stream().allMatch(each -> each.length() == bank.length())) {
                throw new IllegalArgumentException("PCR values: expected registers of 0 to " + MAX_REGISTER + " with values of "
                        + bank.length() + " bytes in the bank " + bank.claimName());
            }
            copy.put(bank, Collections.unmodifiableSortedMap(new TreeMap<>(values)));
        });
        if (copy.isEmpty()) {
            throw new IllegalArgumentException("PCR values: expected at least one bank");
        }
        banks = Collections.unmodifiableSortedMap(copy);
    }

    /**
     * Values of banks.
     *
     * @param banks values by register, by bank
     * @return the values
     * @throws IllegalArgumentException as the constructor does
     */
    public static PcrValues of(Map<TpmHash, ? extends Map<Integer, Bytes>> banks) {
        TreeMap<TpmHash, SortedMap<Integer, Bytes>> sorted = new TreeMap<>();
        banks.forEach((bank, values) -> sorted.put(bank, new TreeMap<>(values)));
        return new PcrValues(sorted);
    }

    /**
     * A value.
     *
     * @param bank the bank
     * @param register the register
     * @return its value, or nothing where it is not given
     */
    public Optional<Bytes> find(TpmHash bank, int register) {
        return Optional.ofNullable(banks.get(bank)).map(values -> values.get(register));
    }

    /**
     * Reads values.
     *
     * @param bytes hostile bytes
     * @return the values
     * @throws MalformedException if they are anything else
     */
    public static PcrValues parse(byte[] bytes) throws MalformedException {
        CborReader reader = new CborReader(bytes);
        int count = reader.map("pcrs", 1, TpmHash.values().length);
        TreeMap<TpmHash, SortedMap<Integer, Bytes>> banks = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            int at = reader.offset();
            TpmHash bank = TpmHash.parse("pcrs.bank", at, (int) reader.integer("pcrs.bank", 0, 0xffff));
            if (!banks.isEmpty() && banks.lastKey().compareTo(bank) >= 0) {
                throw new MalformedException("pcrs.bank", at, "expected banks in ascending order, each once");
            }
            int registers = reader.map("pcrs." + bank.claimName(), 1, MAX_REGISTER + 1);
            TreeMap<Integer, Bytes> values = new TreeMap<>();
            for (int j = 0; j < registers; j++) {
                at = reader.offset();
                int register = (int) reader.integer("pcrs.register", 0, MAX_REGISTER);
                if (!values.isEmpty() && values.lastKey() >= register) {
                    throw new MalformedException("pcrs.register", at, "expected registers in ascending order, each once");
                }
                values.put(register, Bytes.of(reader.bytes("pcrs.value", bank.length(), bank.length())));
            }
            banks.put(bank, values);
        }
        reader.end("pcrs");
        return new PcrValues(banks);
    }

    /** {@return the values' bytes, of the one form that {@link #parse} accepts} */
    public byte[] toByteArray() {
        CborWriter writer = new CborWriter().map(banks.size());
        banks.forEach((bank, values) -> {
            writer.integer(bank.id()).map(values.size());
            values.forEach((register, value) -> writer.integer(register).bytes(value.toArray()));
        });
        return writer.toByteArray();
    }

    /** {@return as a claim: values by register, by bank} */
    public ClaimValue toClaim() {
        TreeMap<String, ClaimValue> all = new TreeMap<>();
        banks.forEach((bank, values) -> {
            Map<String, ClaimValue> byRegister = new LinkedHashMap<>();
            values.forEach((register, value) -> byRegister.put(register.toString(), ClaimValue.of(value)));
            all.put(bank.claimName(), new ClaimValue.Group(byRegister));
        });
        return new ClaimValue.Group(all);
    }
}
