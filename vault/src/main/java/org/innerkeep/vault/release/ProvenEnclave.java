package org.innerkeep.vault.release;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Measurement;
import org.jspecify.annotations.Nullable;

/**
 * What was proven of an enclave, as far as owners tell one from another by it. Its text is one line for people, which {@link
 * #parse} reads again: records have nothing else of an enclave.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param kind of evidence, a word such as {@code keeper}
 * @param platform a word such as {@code process}
 * @param measurement of what runs
 * @param signer of the code, 32 or 48 bytes
 * @param productId the signer's product
 * @param securityVersion of the product
 * @param memoryReadableBy a word such as {@code root}
 * @param debug whether it can be debugged
 */
public record ProvenEnclave(
        String kind,
        String platform,
        Optional<Measurement> measurement,
        Optional<Bytes> signer,
        OptionalLong productId,
        OptionalLong securityVersion,
        Optional<String> memoryReadableBy,
        boolean debug) {
    /** No part has a comma in it, so a line has one reading. */
    private static final Pattern LINE = Pattern.compile("(?<kind>[A-Za-z0-9._-]{1,64}) of (?<platform>[A-Za-z0-9._-]{1,64})"
            + "(?:, measurement (?<measurement>[a-z0-9-]{1,16}:[0-9a-f]{40,128}))?"
            + "(?:, signer (?<signer>[0-9a-f]{2,128}))?"
            + "(?:, product (?<product>[0-9]{1,10}))?"
            + "(?:, version (?<version>[0-9]{1,10}))?"
            + "(?:, memory readable by (?<memory>[A-Za-z0-9._-]{1,64}))?"
            + "(?<debug>, debug)?");

    static ProvenEnclave of(Claims claims) {
        return new ProvenEnclave(
                claims.kind(),
                claims.platform(),
                claims.measurement(),
                claims.signer(),
                claims.productId(),
                claims.securityVersion(),
                claims.text(Claims.MEMORY_READABLE_BY),
                claims.debug());
    }

    /**
     * Reads a line of a record.
     *
     * @param line as {@link #toString} writes it
     * @return what it says; nothing where it is any other line, or was cut
     */
    public static Optional<ProvenEnclave> parse(String line) {
        Matcher found = LINE.matcher(line);
        if (!found.matches()) {
            return Optional.empty();
        }
        try {
            ProvenEnclave enclave = new ProvenEnclave(
                    found.group("kind"),
                    found.group("platform"),
                    Optional.ofNullable(found.group("measurement")).map(Measurement::parse),
                    Optional.ofNullable(found.group("signer")).map(Bytes::fromHex),
                    number(found.group("product")),
                    number(found.group("version")),
                    Optional.ofNullable(found.group("memory")),
                    found.group("debug") != null);
            return Optional.of(enclave).filter(each -> each.toString().equals(line));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static OptionalLong number(@Nullable String digits) {
        return digits == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(digits));
    }

    /** {@return one line} */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(kind).append(" of ").append(platform);
        measurement.ifPresent(each -> line.append(", measurement ").append(each));
        signer.ifPresent(each -> line.append(", signer ").append(each));
        productId.ifPresent(each -> line.append(", product ").append(each));
        securityVersion.ifPresent(each -> line.append(", version ").append(each));
        memoryReadableBy.ifPresent(each -> line.append(", memory readable by ").append(each));
        if (debug) {
            line.append(", debug");
        }
        return line.toString();
    }
}
