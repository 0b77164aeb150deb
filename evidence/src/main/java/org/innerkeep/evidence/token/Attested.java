package org.innerkeep.evidence.token;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
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
 * What a service says that it attested, in the services' own words: Microsoft Azure Attestation (claims {@code x-ms-*}; TDX claims by
 * its EAT profile), Intel Trust Authority (EAT profile version 1, flat, and 2, one object for each attester) and Google Cloud
 * Attestation (Confidential Space token claims). Where a service is silent about debugging, debugging is assumed.
 */
final class Attested implements Vouched {
    private static final String SGX = "sgx";
    private static final String SNP = "snp";
    private static final String TDX = "tdx";
    private static final String VM = "vm";

    /** What has a processor's protection from whoever runs the host. */
    private static final Set<String> PROTECTED = Set.of(SGX, SNP, TDX);

    /** In TDATTRIBUTES, 64 bits little-endian (Intel TDX Module ABI, ATTRIBUTES). */
    private static final long TD_DEBUG = 1;

    static final long TD_MIGRATABLE = 1L << 29;

    /** Values of {@code dbgstat} (RFC 9711 section 4.2.9) that Google gives for what could never be debugged since it started. */
    private static final Set<String> NEVER_DEBUGGED =
            Set.of("disabled-since-boot", "disabled-permanently", "disabled-fully-and-permanently");

    /** Whether a guest lets a debugger in: over a line that the host holds. */
    private static final List<String> GUEST_DEBUG =
            List.of("x-ms-azurevm-kerneldebug-enabled", "x-ms-azurevm-bootdebug-enabled", "x-ms-azurevm-hypervisordebug-enabled");

    private final String platform;
    private final JsonValue.Obj root;

    /** Where its claims stand, the nearest first. */
    private final List<JsonValue.Obj> scopes;

    private final Words words;

    /** Whose words a token uses. */
    private enum Words {
        /** Microsoft Azure Attestation. */
        AZURE,
        /** The same before version 2020-10-01 of its API: names that since then tenants' policies may issue. */
        AZURE_PREVIEW,
        /** Intel Trust Authority. */
        INTEL,
        /** Google Cloud Attestation. */
        GOOGLE
    }

    private Attested(String platform, JsonValue.Obj root, List<JsonValue.Obj> scopes, Words words) {
        this.platform = platform;
        this.root = root;
        this.scopes = scopes;
        this.words = words;
    }

    /**
     * Finds out what was attested.
     *
     * @param claims of the token
     * @return what it was, or nothing where the token does not say so in a known way, or says it of two things
     */
    static Optional<Attested> find(JsonValue.Obj claims) {
        if (claims.find("x-ms-attestation-type").isPresent()) {
            return azure(claims);
        }
        if (claims.find("hwmodel").isPresent()) {
            return google(claims);
        }
        if (claims.find("tee").isPresent()) {
            return text(claims, "tee").orElse("").equals("sgx") ? flat(SGX, claims, Words.AZURE_PREVIEW) : Optional.empty();
        }
        return intel(claims);
    }

    private static Optional<Attested> azure(JsonValue.Obj claims) {
        return switch (text(claims, "x-ms-attestation-type").orElse("")) {
            case "sgx" -> flat(SGX, claims, Words.AZURE);
            case "sevsnpvm" -> flat(SNP, claims, Words.AZURE);
            case "tdxvm" -> flat(TDX, claims, Words.AZURE);
            case "tpm", "vbs" -> flat(VM, claims, Words.AZURE);
            case "azurevm" -> {
                if (!(claims.find("x-ms-isolation-tee").orElse(null) instanceof JsonValue.Obj inner)) {
                    yield claims.find("x-ms-isolation-tee").isPresent() ? Optional.empty() : flat(VM, claims, Words.AZURE);
                }
                yield switch (text(inner, "x-ms-attestation-type").orElse("")) {
                    case "sevsnpvm" -> Optional.of(new Attested(SNP, claims, List.of(inner), Words.AZURE));
                    case "tdxvm" -> Optional.of(new Attested(TDX, claims, List.of(inner), Words.AZURE));
                    default -> Optional.empty();
                };
            }
            default -> Optional.empty();
        };
    }

    private static Optional<Attested> google(JsonValue.Obj claims) {
        List<JsonValue.Obj> scopes = Stream.concat(inner(claims, "tdx").stream(), Stream.of(claims)).toList();
        return switch (text(claims, "hwmodel").orElse("")) {
            case "GCP_INTEL_TDX" -> Optional.of(new Attested(TDX, claims, scopes, Words.GOOGLE));
            case "GCP_AMD_SEV_SNP" -> Optional.of(new Attested(SNP, claims, List.of(claims), Words.GOOGLE));
            case "GCP_AMD_SEV", "GCP_AMD_SEV_ES", "GCP_SHIELDED_VM" ->
                Optional.of(new Attested(VM, claims, List.of(claims), Words.GOOGLE));
            default -> Optional.empty();
        };
    }

    private static Optional<Attested> intel(JsonValue.Obj claims) {
        List<Attested> found = new ArrayList<>();
        Map.of("sgx", SGX, "tdx", TDX, "sevsnp", SNP).forEach((name, platform) ->
                inner(claims, name).ifPresent(inner -> found.add(new Attested(platform, claims, List.of(inner, claims), Words.INTEL))));
        switch (text(claims, "attester_type").orElse("")) {
            case "SGX" -> found.add(new Attested(SGX, claims, List.of(claims), Words.INTEL));
            case "TDX" -> found.add(new Attested(TDX, claims, List.of(claims), Words.INTEL));
            case "AMD SEV-SNP", "SEVSNP" -> found.add(new Attested(SNP, claims, List.of(claims), Words.INTEL));
            default -> {}
        }
        return found.stream().map(each -> each.platform).distinct().count() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    private static Optional<Attested> flat(String platform, JsonValue.Obj claims, Words words) {
        return Optional.of(new Attested(platform, claims, List.of(claims), words));
    }

    /** An object, which may stand alone in an array. */
    private static Optional<JsonValue.Obj> inner(JsonValue.Obj claims, String name) {
        return switch (claims.find(name).orElse(null)) {
            case JsonValue.Obj object -> Optional.of(object);
            case JsonValue.Arr array when array.items().size() == 1 && array.items().getFirst() instanceof JsonValue.Obj object ->
                Optional.of(object);
            case null, default -> Optional.empty();
        };
    }

    @Override
    public Optional<Claims> prove(Token token, Bytes anchor, Verification run) {
        check(run);
        return Optional.of(claims(token, anchor));
    }

    private void check(Verification run) {
        boolean stated = false;
        for (String name : List.of("attester_tcb_status", "gcp_attester_tcb_status")) {
            for (JsonValue value : all(name)) {
                stated = true;
                Optional<TcbStatus> status = value instanceof JsonValue.Text text ? TcbStatus.of(text.value()) : Optional.empty();
                if (status.isEmpty() || !run.options().acceptedTcb().contains(status.get())) {
                    run.refuse(
                            Code.TCB_STATUS_NOT_ACCEPTED,
                            "token." + name,
                            value instanceof JsonValue.Text text ? Text.shown(text.value()) : "no text",
                            "one of " + run.options().acceptedTcb().stream().sorted().toList(),
                            "Have the platform updated, or accept this status by name.");
                }
            }
        }
        if (!stated) {
            run.notChecked("TCB status", "the service says nothing of it");
        }
        if (migratable() && !run.options().migrationAllowed()) {
            run.refuse(
                    Code.MIGRATION_ALLOWED,
                    "token.migration",
                    "it may be moved to another machine",
                    "it may not",
                    "Run it without migration, or accept migration by name.");
        }
        if (!saysDebug()) {
            run.notChecked("debug", "the service says nothing of it: it is taken as allowed");
        }
        for (String name : measurements()) {
            if (find(name).isPresent() && measurement(name).isEmpty()) {
                run.refuse(Code.MALFORMED, "token." + name, "another form", "a digest in hexadecimal", "Ask for the token again.");
            }
        }
    }

    /** The claims of the token, and what all kinds of evidence have in common. */
    private Claims claims(Token token, Bytes anchor) {
        Map<String, ClaimValue> details = new LinkedHashMap<>();
        root.fields().forEach((name, value) -> convert(value).ifPresent(converted -> details.put(name, converted)));
        // Ours come last: a service's tenants may issue claims under any name.
        details.put(VOUCHED_BY, ClaimValue.of(token.issuer()));
        details.put(Claims.MEMORY_READABLE_BY, ClaimValue.of(memoryReadableBy()));
        List.of(Claims.TCB_STATUS, Claims.ATTESTED_KIND, Claims.ATTESTED_AT, Claims.ATTESTED_ANCHOR).forEach(details::remove);
        Stream.of("attester_tcb_status", "gcp_attester_tcb_status")
                .flatMap(name -> all(name).stream())
                .filter(JsonValue.Text.class::isInstance)
                .findFirst()
                .ifPresent(status -> details.put(Claims.TCB_STATUS, ClaimValue.of(((JsonValue.Text) status).value())));
        return new Claims(
                "token",
                platform,
                measurements().stream().flatMap(name -> measurement(name).stream()).findFirst().or(this::container),
                signer(),
                number(words == Words.AZURE_PREVIEW ? List.of("product-id") : List.of("x-ms-sgx-product-id", "sgx_isvprodid")),
                number(words == Words.AZURE_PREVIEW
                        ? List.of("svn")
                        : List.of("x-ms-sgx-svn", "sgx_isvsvn", "x-ms-sevsnpvm-guestsvn", "sevsnp_guestsvn")),
                debug(),
                Stream.of("x-ms-sgx-report-data", "sgx_report_data", "x-ms-sevsnpvm-reportdata", "sevsnp_reportdata", "tdx_report_data")
                        .filter(this::isOfPlatform)
                        .flatMap(name -> hex(name, 64).stream())
                        .findFirst()
                        .orElse(Bytes.EMPTY),
                token.issuedAt(),
                anchor,
                details);
    }

    /** As JSON has it, with two exceptions: a null says nothing and is left out; a number that is not whole is its text. */
    static Optional<ClaimValue> convert(JsonValue value) {
        return switch (value) {
            case JsonValue.Text text -> Optional.of(ClaimValue.of(text.value()));
            case JsonValue.Flag flag -> Optional.of(ClaimValue.of(flag.value()));
            case JsonValue.Nil nil -> Optional.empty();
            case JsonValue.Num number -> Optional.of(number(number.value()));
            case JsonValue.Arr array ->
                Optional.of(new ClaimValue.Many(array.items().stream().flatMap(each -> convert(each).stream()).toList()));
            case JsonValue.Obj object -> {
                Map<String, ClaimValue> group = new LinkedHashMap<>();
                object.fields().forEach((name, each) -> convert(each).ifPresent(converted -> group.put(name, converted)));
                yield Optional.of(new ClaimValue.Group(group));
            }
        };
    }

    private static ClaimValue number(BigDecimal value) {
        try {
            return ClaimValue.of(value.longValueExact());
        } catch (ArithmeticException e) {
            return ClaimValue.of(value.toString());
        }
    }

    /** Whoever runs the host, where nothing keeps it out; what the service vouches for is taken at its word. */
    private String memoryReadableBy() {
        if (!PROTECTED.contains(platform)) {
            return "hypervisor";
        }
        return debug() ? "host" : "nobody";
    }

    /** Debugging is on where anything says so, and where nothing says that it is off. */
    private boolean debug() {
        List<Optional<Boolean>> answers = debugAnswers();
        return answers.isEmpty()
                || answers.stream().anyMatch(answer -> answer.orElse(true))
                || GUEST_DEBUG.stream()
                        .flatMap(name -> root.find(name).stream())
                        .anyMatch(value -> !(value instanceof JsonValue.Flag flag) || flag.value());
    }

    private boolean saysDebug() {
        return !debugAnswers().isEmpty();
    }

    /** Every claim about debugging; nothing in it where the claim is of another form. */
    private List<Optional<Boolean>> debugAnswers() {
        List<String> flags = switch (platform) {
            case SGX -> words == Words.AZURE_PREVIEW
                    ? List.of("is-debuggable")
                    : List.of("x-ms-sgx-is-debuggable", "sgx_is_debuggable");
            case SNP -> List.of("x-ms-sevsnpvm-is-debuggable", "sevsnp_is_debuggable");
            case TDX -> List.of("tdx_td_attributes_debug", "tdx_is_debuggable");
            default -> GUEST_DEBUG;
        };
        List<Optional<Boolean>> found = new ArrayList<>();
        for (String name : flags) {
            all(name).forEach(value -> found.add(value instanceof JsonValue.Flag flag ? Optional.of(flag.value()) : Optional.empty()));
        }
        tdAttributes().forEach(attributes -> found.add(Optional.of((attributes & TD_DEBUG) != 0)));
        for (JsonValue value : all("dbgstat")) {
            String status = value instanceof JsonValue.Text text ? text.value() : "";
            found.add(Optional.of(!(NEVER_DEBUGGED.contains(status) || status.equals("disabled") && words != Words.GOOGLE)));
        }
        return found;
    }

    private List<Long> tdAttributes() {
        return platform.equals(TDX)
                ? hex("tdx_td_attributes", 8).stream().map(Attested::tdAttributes).toList()
                : List.of();
    }

    /** TDATTRIBUTES out of its eight bytes. */
    static long tdAttributes(Bytes bytes) {
        return Long.reverseBytes(Long.parseUnsignedLong(bytes.hex(), 16));
    }

    private boolean migratable() {
        return platform.equals(SNP)
                        && Stream.of("x-ms-sevsnpvm-migration-allowed", "sevsnp_migration_allowed")
                                .flatMap(name -> all(name).stream())
                                .anyMatch(value -> !(value instanceof JsonValue.Flag flag) || flag.value())
                || tdAttributes().stream().anyMatch(attributes -> (attributes & TD_MIGRATABLE) != 0);
    }

    /** Names of claims that hold the measurement of this platform. */
    private List<String> measurements() {
        return switch (platform) {
            case SGX -> words == Words.AZURE_PREVIEW
                    ? List.of("sgx-mrenclave")
                    : List.of("x-ms-sgx-mrenclave", "sgx_mrenclave");
            case SNP -> List.of("x-ms-sevsnpvm-launchmeasurement", "sevsnp_launchmeasurement");
            case TDX -> List.of("tdx_mrtd");
            default -> List.of();
        };
    }

    private Optional<Measurement> measurement(String name) {
        return platform.equals(SGX) ? hex(name, 32).map(Measurement::sha256) : hex(name, 48).map(Measurement::sha384);
    }

    /**
     * The container that Google's hardened image runs: the image itself, which alone may then let its operator change arguments and
     * environment, is all of the code that is not Google's.
     */
    private Optional<Measurement> container() {
        if (words != Words.GOOGLE || !text(root, "swname").orElse("").equals("CONFIDENTIAL_SPACE")) {
            return Optional.empty();
        }
        String prefix = "sha256:";
        return inner(root, "submods")
                .flatMap(all -> inner(all, "container"))
                .flatMap(container -> text(container, "image_digest"))
                .filter(digest -> digest.startsWith(prefix))
                .flatMap(digest -> bytes(digest.substring(prefix.length()), 32))
                .map(Measurement::sha256);
    }

    private Optional<Bytes> signer() {
        return switch (platform) {
            case SGX -> (words == Words.AZURE_PREVIEW ? Stream.of("sgx-mrsigner") : Stream.of("x-ms-sgx-mrsigner", "sgx_mrsigner")).flatMap(name -> hex(name, 32).stream()).findFirst();
            case SNP -> Stream.of("x-ms-sevsnpvm-authorkeydigest", "sevsnp_authorkeydigest", "x-ms-sevsnpvm-idkeydigest", "sevsnp_idkeydigest")
                    .flatMap(name -> hex(name, 48).stream())
                    .filter(digest -> !digest.equals(Bytes.of(new byte[48])))
                    .findFirst();
            default -> Optional.empty();
        };
    }

    private OptionalLong number(List<String> names) {
        for (String name : names) {
            if ((words == Words.AZURE_PREVIEW || isOfPlatform(name)) && find(name).orElse(null) instanceof JsonValue.Num number) {
                try {
                    long value = number.value().longValueExact();
                    if (value >= 0 && value <= 0xffff_ffffL) {
                        return OptionalLong.of(value);
                    }
                } catch (ArithmeticException e) {
                    // It is no number of this kind, and stays among the details.
                }
            }
        }
        return OptionalLong.empty();
    }

    private boolean isOfPlatform(String name) {
        return switch (platform) {
            case SGX -> name.contains("sgx");
            case SNP -> name.contains("sevsnp");
            case TDX -> name.startsWith("tdx_");
            default -> false;
        };
    }

    private Optional<JsonValue> find(String name) {
        return all(name).stream().findFirst();
    }

    /** What the service itself says under a name: in Azure's tokens a tenant's policy may issue the names that Intel's service uses. */
    private List<JsonValue> all(String name) {
        boolean another = words == Words.AZURE && (name.startsWith("sgx_") || name.startsWith("sevsnp_"))
                || words == Words.INTEL && name.startsWith("x-ms-");
        return another ? List.of() : scopes.stream().flatMap(scope -> scope.find(name).stream()).toList();
    }

    private Optional<Bytes> hex(String name, int length) {
        return all(name).stream()
                .filter(JsonValue.Text.class::isInstance)
                .flatMap(value -> bytes(((JsonValue.Text) value).value(), length).stream())
                .findFirst();
    }

    /** So many bytes in hexadecimal; anything else is none, and stays among the details. */
    private static Optional<Bytes> bytes(String text, int length) {
        if (text.length() == 2 * length) {
            try {
                return Optional.of(Bytes.fromHex(text));
            } catch (IllegalArgumentException e) {
                // Falls through.
            }
        }
        return Optional.empty();
    }

    private static Optional<String> text(JsonValue.Obj object, String name) {
        return object.find(name).orElse(null) instanceof JsonValue.Text text ? Optional.of(text.value()) : Optional.empty();
    }
}
