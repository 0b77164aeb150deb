package org.innerkeep.evidence.token;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.internal.Verification;

/**
 * What this project's own service says that it attested under {@code /attest/Evidence}: everything that was proven, in one object. A
 * policy of the service cannot issue a claim of that name, nor one within it. What it issues at the top is not read at all; it stands
 * in {@code x-ms-policy} too, which cannot be taken for what was proven.
 */
final class OwnAttested implements Vouched {
    private static final String OBJECT = "innerkeep";
    private static final String TYPE = "Evidence";
    private static final String KIND = "kind";
    private static final String PLATFORM = "platform";
    private static final String DEBUG = "debug";
    private static final String MEASUREMENT = "measurement";
    private static final String SIGNER = "signer";
    private static final String PRODUCT = "product-id";
    private static final String VERSION = "security-version";
    private static final String ISSUED_AT = "issued-at";
    private static final String ANCHOR = "anchor";
    private static final String REPORT_DATA = "report-data";

    /** What evidence can be. A token of another service is not among it: its tenants may name claims as they like. */
    private static final Set<String> KINDS = Set.of(
            "keeper-report", "sgx-quote", "tdx-quote", "snp-report", "azure-snp", "azure-tdx", "nitro-document", "tpm-quote",
            "cca-token", "psa-token", "nvidia-report");

    /** Of these, makers publish how current the platform is, and whoever verifies them finds it out. */
    private static final Set<String> WITH_TCB_STATUS = Set.of("sgx-quote", "tdx-quote", "azure-tdx");

    private static final String GUEST_MIGRATION = "x-ms-sevsnpvm-migration-allowed";
    private static final Set<String> GUESTS = Set.of("snp-report", "azure-snp");

    private static final String DOMAIN_ATTRIBUTES = "tdx_td_attributes";
    private static final Set<String> DOMAINS = Set.of("tdx-quote", "azure-tdx");

    /** What {@link Claims} has a place of its own for, what says what the object is, and what the service says beside it. */
    private static final Set<String> PLACED = Set.of(
            "type", KIND, PLATFORM, DEBUG, MEASUREMENT, SIGNER, PRODUCT, VERSION, ISSUED_AT, ANCHOR, REPORT_DATA, "x-ms-policy-hash");

    private final JsonValue.Obj root;
    private final JsonValue.Obj own;
    private final String kind;

    private OwnAttested(JsonValue.Obj root, JsonValue.Obj own, String kind) {
        this.root = root;
        this.own = own;
        this.kind = kind;
    }

    /** Both the type of the token and its object must say the same: the first is a name that no service's tenant can issue. */
    static Optional<Vouched> find(JsonValue.Obj claims) {
        if (claims.find("x-ms-attestation-type").orElse(null) instanceof JsonValue.Text type
                && KINDS.contains(type.value())
                && claims.find(OBJECT).orElse(null) instanceof JsonValue.Obj own
                && own.find("type").orElse(null) instanceof JsonValue.Text path
                && path.value().equals(TYPE)
                && own.find(KIND).orElse(null) instanceof JsonValue.Text kind
                && kind.value().equals(type.value())) {
            return Optional.of(new OwnAttested(claims, own, kind.value()));
        }
        return Optional.empty();
    }

    @Override
    public Optional<Claims> prove(Token token, Bytes anchor, Verification run) {
        try {
            checkTcb(run);
            checkMigration(run);
            return Optional.of(claims(token, anchor));
        } catch (MalformedException e) {
            run.refuse(Code.MALFORMED, "token." + OBJECT, e, "Ask for the token again; client and service may be of different versions.");
            return Optional.empty();
        }
    }

    private void checkTcb(Verification run) throws MalformedException {
        Optional<String> status = text(Claims.TCB_STATUS);
        boolean accepted = status.isPresent()
                ? TcbStatus.of(status.get()).filter(run.options().acceptedTcb()::contains).isPresent()
                : !WITH_TCB_STATUS.contains(kind);
        if (!accepted) {
            run.refuse(
                    Code.TCB_STATUS_NOT_ACCEPTED,
                    "token." + Claims.TCB_STATUS,
                    status.map(Text::shown).orElse("none"),
                    "one of " + run.options().acceptedTcb().stream().sorted().toList(),
                    "Have the platform updated, or accept this status by name.");
        }
    }

    /** Where a kind tells of migration and the token does not, it is taken as allowed. */
    private void checkMigration(Verification run) throws MalformedException {
        boolean guest = own.find(GUEST_MIGRATION)
                .map(value -> !(value instanceof JsonValue.Flag flag) || flag.value())
                .orElse(GUESTS.contains(kind));
        boolean domain = own.find(DOMAIN_ATTRIBUTES).isPresent()
                ? (Attested.tdAttributes(own.hex(DOMAIN_ATTRIBUTES, 8)) & Attested.TD_MIGRATABLE) != 0
                : DOMAINS.contains(kind);
        if ((guest || domain) && !run.options().migrationAllowed()) {
            run.refuse(
                    Code.MIGRATION_ALLOWED,
                    "token.migration",
                    "it may be moved to another machine, or the token does not say that it may not",
                    "it may not",
                    "Run it without migration, or accept migration by name.");
        }
    }

    private Claims claims(Token token, Bytes anchor) throws MalformedException {
        if (!(own.get(DEBUG) instanceof JsonValue.Flag debug)) {
            throw new MalformedException(DEBUG, own.start(), "expected true or false");
        }
        own.text(Claims.MEMORY_READABLE_BY);
        return new Claims(
                "token",
                own.text(PLATFORM),
                measurement(),
                own.find(SIGNER).isPresent() ? Optional.of(hex(SIGNER)) : Optional.empty(),
                number(PRODUCT),
                number(VERSION),
                debug.value(),
                hex(REPORT_DATA),
                token.issuedAt(),
                anchor,
                details(token));
    }

    private Map<String, ClaimValue> details(Token token) throws MalformedException {
        Map<String, ClaimValue> details = new LinkedHashMap<>();
        root.fields().forEach((name, value) -> {
            if (name.startsWith("x-ms-")) {
                Attested.convert(value).ifPresent(converted -> details.put(name, converted));
            }
        });
        // What was proven comes after what the service says beside it, and ours last.
        own.fields().forEach((name, value) -> {
            if (!PLACED.contains(name)) {
                Attested.convert(value).ifPresent(converted -> details.put(name, converted));
            }
        });
        details.put(VOUCHED_BY, ClaimValue.of(token.issuer()));
        details.put(Claims.ATTESTED_KIND, ClaimValue.of(kind));
        details.put(Claims.ATTESTED_ANCHOR, ClaimValue.of(hex(ANCHOR)));
        details.remove(Claims.ATTESTED_AT);
        Optional<String> at = text(ISSUED_AT);
        if (at.isPresent()) {
            details.put(Claims.ATTESTED_AT, ClaimValue.of(instant(at.get()).toString()));
        }
        return details;
    }

    private Instant instant(String text) throws MalformedException {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new MalformedException(ISSUED_AT, own.start(), "expected a time as in ISO 8601");
        }
    }

    private Optional<Measurement> measurement() throws MalformedException {
        Optional<String> text = text(MEASUREMENT);
        try {
            return text.map(Measurement::parse);
        } catch (IllegalArgumentException e) {
            throw new MalformedException(MEASUREMENT, own.start(), "expected an algorithm and a digest in hexadecimal");
        }
    }

    private OptionalLong number(String name) throws MalformedException {
        return own.find(name).isPresent() ? OptionalLong.of(own.integer(name, 0, 0xffff_ffffL)) : OptionalLong.empty();
    }

    private Optional<String> text(String name) throws MalformedException {
        return own.find(name).isPresent() ? Optional.of(own.text(name)) : Optional.empty();
    }

    private Bytes hex(String name) throws MalformedException {
        return own.hex(name, own.text(name).length() / 2);
    }
}
