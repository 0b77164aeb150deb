package org.innerkeep.evidence.snp;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A line of AMD's products with certificates of its own. AMD's document 57230 names them; the processors Bergamo and Siena have
 * certificates of the line Genoa.
 */
public enum SnpProduct {
    /** EPYC 7003. */
    MILAN("Milan", 64, List.of("bootloader", "tee", "spl4", "spl5", "spl6", "spl7", "snp", "microcode")),
    /** EPYC 9004, 97x4 and 8004. */
    GENOA("Genoa", 64, List.of("bootloader", "tee", "spl4", "spl5", "spl6", "spl7", "snp", "microcode")),
    /** EPYC 9005: other bytes of the TCB version mean other components, and hardware ids are shorter. */
    TURIN("Turin", 8, List.of("fmc", "bootloader", "tee", "snp", "spl5", "spl6", "spl7", "microcode"));

    private final String line;
    private final int hardwareIdBytes;
    private final List<String> tcbComponents;

    SnpProduct(String line, int hardwareIdBytes, List<String> tcbComponents) {
        this.line = line;
        this.hardwareIdBytes = hardwareIdBytes;
        this.tcbComponents = tcbComponents;
    }

    /** {@return how many bytes of the chip id there are; the others of the report's 64 are zero} */
    public int hardwareIdBytes() {
        return hardwareIdBytes;
    }

    /** {@return what each of the eight bytes of a TCB version says, from the lowest; those named spl are reserved} */
    public List<String> tcbComponents() {
        return tcbComponents;
    }

    /**
     * Finds the line of a processor (CPUID function 1, EAX, family and model with their extensions added).
     *
     * @param family the combined family
     * @param model the combined model
     * @return its line, or nothing where it is not known
     */
    public static Optional<SnpProduct> of(int family, int model) {
        return switch (family) {
            case 0x19 -> switch (model >> 4) {
                case 0x0 -> Optional.of(MILAN);
                case 0x1, 0xa -> Optional.of(GENOA);
                default -> Optional.empty();
            };
            case 0x1a -> switch (model >> 4) {
                case 0x0, 0x1 -> Optional.of(TURIN);
                default -> Optional.empty();
            };
            default -> Optional.empty();
        };
    }

    /**
     * Finds the line by the name in a certificate, which may be followed by a stepping.
     *
     * @param name such as {@code Milan} or {@code Milan-B0}; hostile
     * @return its line, or nothing where it is not known
     */
    public static Optional<SnpProduct> ofName(String name) {
        return Arrays.stream(values())
                .filter(each -> name.equals(each.line) || name.matches(each.line + "-[A-Z][0-9]"))
                .findFirst();
    }

    /** {@return the name that AMD's service uses} */
    @Override
    public String toString() {
        return line;
    }
}
