package org.innerkeep.evidence.eventlog;

/** Types of events (TCG PC Client Platform Firmware Profile, 10.4.1), as far as something depends on them. */
final class EventType {
    static final long NO_ACTION = 0x00000003;
    static final long SEPARATOR = 0x00000004;
    static final long ACTION = 0x00000005;
    static final long CRTM_CONTENTS = 0x00000007;
    static final long CRTM_VERSION = 0x00000008;
    static final long NONHOST_INFO = 0x00000011;
    static final long VARIABLE_DRIVER_CONFIG = 0x80000001L;
    static final long VARIABLE_BOOT = 0x80000002L;
    static final long GPT_EVENT = 0x80000006L;
    static final long EFI_ACTION = 0x80000007L;
    static final long VARIABLE_BOOT2 = 0x8000000cL;
    static final long VARIABLE_AUTHORITY = 0x800000e0L;

    private static final long LAST_GENERIC = 0x00000012;
    private static final long FIRST_EFI = 0x80000001L;
    private static final long LAST_EFI = 0x8000000eL;
    private static final long HCRTM = 0x80000010L;
    private static final long LAST_SPDM = 0x800000e4L;

    private EventType() {}

    /** Whether the specification defines it. */
    static boolean isKnown(long type) {
        return type >= 0 && type <= LAST_GENERIC
                || type >= FIRST_EFI && type <= LAST_EFI
                || type == HCRTM
                || type >= VARIABLE_AUTHORITY && type <= LAST_SPDM;
    }
}
