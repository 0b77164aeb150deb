package org.innerkeep.bench.inside;

import java.util.UUID;

/**
 * A record of eight fields, such as cross a boundary all day.
 *
 * @param id whose
 * @param name of what
 * @param unit in what
 * @param at when, milliseconds since 1970
 * @param value how much
 * @param device by which device
 * @param valid whether that can be relied on
 * @param note what else the device said
 */
public record Reading(UUID id, String name, String unit, long at, double value, int device, boolean valid, String note) {
    /** The one that is sent in every benchmark. */
    public static final Reading EXAMPLE = new Reading(
            new UUID(0x0123456789abcdefL, 0x8edcba9876543210L), "systolic pressure", "mmHg", 1_780_000_000_000L, 121.5, 4711, true,
            "at rest, left arm");
}
