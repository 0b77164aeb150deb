package org.innerkeep.channel.linux;

import java.util.Optional;

/** A kind of processor, as Linux tells it to filters: each has system call numbers of its own. */
public enum Machine {
    /** 64-bit Intel and AMD. */
    X86_64(0xC000003E, "amd64"),
    /** 64-bit Arm. */
    AARCH64(0xC00000B7, "aarch64");

    private final int auditArch;
    private final String javaName;

    Machine(int auditArch, String javaName) {
        this.auditArch = auditArch;
        this.javaName = javaName;
    }

    /** {@return the constant {@code AUDIT_ARCH_…} of linux/audit.h that the kernel gives to filters} */
    public int auditArch() {
        return auditArch;
    }

    /** {@return the machine that this JVM runs on; empty if it is not Linux or its calls are not known here} */
    public static Optional<Machine> current() {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return Optional.empty();
        }
        String arch = System.getProperty("os.arch", "");
        for (Machine machine : values()) {
            if (machine.javaName.equals(arch)) {
                return Optional.of(machine);
            }
        }
        return Optional.empty();
    }
}
