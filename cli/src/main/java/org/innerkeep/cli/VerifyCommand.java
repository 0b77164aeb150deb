package org.innerkeep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.innerkeep.cli.files.NamedFile;
import org.innerkeep.cli.text.Shown;
import org.innerkeep.cli.text.VerdictReport;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.endorsements.Recording;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Verifies evidence in a file, or connects to an enclave and has it prove itself; prints what is proven. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Verifies evidence of any kind in a file, with endorsements at hand or fetched; or connects to an enclave and has it prove"
                    + " itself afresh. Prints what is proven, or every reason why not.",
            "Roots of Intel, AMD and AWS are built in. With an address, the code is needed, and --anchor or an attestation service that"
                    + " decides in its place. For the code, the hash of the service's policy may stand."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the evidence is accepted, the enclave is trusted",
            "1:it is refused, or the enclave cannot be reached",
            "2:the file is no evidence, or the command line is wrong",
            "3:it could not be found out: an endorsement is missing"
        },
        footer = {
            "",
            "Examples:",
            "  innerkeep verify quote.bin --endorsements collateral/ --at 2026-06-01",
            "  innerkeep verify report.bin --fetch --expect measurement=sha-384:12ab… --json",
            "  innerkeep verify 127.0.0.1:8443 --anchor keeper.anchor --measurement sha-256:12ab…",
            "  innerkeep verify 127.0.0.1:8443 --anchor keeper.anchor --signer 34cd… --product 1 --svn 2",
            "  innerkeep verify 127.0.0.1:8443 --signer 34cd… --product 1 --svn 2 --attestation-service https://attest.example"
                    + " --token-keys keys.json --service-tls ca.pem"
        })
final class VerifyCommand implements Callable<Integer> {
    private static final int MAX_ANCHOR_BYTES = 4096;
    private static final Set<String> WITH_AN_ADDRESS = Set.of(
            "--anchor", "--measurement", "--signer", "--product", "--svn", "--allow-same-user", "--allow-debug", "--confined",
            "--attestation-service",
            "--token-keys", "--service-tls", "--token-issuer", "--policy-hash");
    private static final int NO_EVIDENCE = 2;
    private static final int NOT_FOUND_OUT = 3;

    static final class AgreedCode {
        @Option(names = "--measurement", paramLabel = "ALG:HEX", description = "The only measurement accepted.")
        private @Nullable String measurement;

        @ArgGroup(exclusive = false)
        private @Nullable Signed signed;
    }

    static final class Signed {
        @Option(names = "--signer", required = true, paramLabel = "HEX", description = "The developer's key id.")
        private String signer;

        @Option(names = "--product", required = true, paramLabel = "N", description = "The product id.")
        private long product;

        @Option(names = "--svn", required = true, paramLabel = "N", description = "The oldest security version accepted.")
        private long svn;
    }

    @Parameters(paramLabel = "FILE|HOST:PORT", description = "A file of evidence, or where an enclave's host listens.")
    private String target;

    @Option(names = "--anchor", paramLabel = "FILE", description = "The keeper's public key, as its administrator told you.")
    private @Nullable Path anchor;

    @Mixin
    private EndorsementFiles endorsements;

    @Mixin
    private RelyingParty party;

    @Option(
            names = "--expect",
            paramLabel = "CLAIM=VALUE",
            description = "A claim that must have this value, such as measurement=sha-256:12ab… or x-ms-sgx-svn=3. Repeatable.")
    private final List<String> expected = new ArrayList<>();

    @Option(names = "--json", description = "Print JSON for programs.")
    private boolean json;

    @ArgGroup
    private @Nullable AgreedCode code;

    @ArgGroup(exclusive = false)
    private @Nullable ServiceOptions service;

    @Option(names = "--allow-same-user", description = "Accept an enclave that shares its user with its host.")
    private boolean allowSameUser;

    @Option(names = "--allow-debug", description = "Accept a debug enclave, which whoever runs it can read.")
    private boolean allowDebug;

    @Option(
            names = "--confined",
            paramLabel = "MECHANISM",
            split = ",",
            description = "What must confine the enclave's process: secret-heap, landlock, seccomp, namespaces, cgroup. Repeatable.")
    private final List<String> confined = new ArrayList<>();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        return Files.exists(Path.of(target)) ? verifyFile(Path.of(target)) : verifyEnclave();
    }

    private Optional<KeeperAnchor> keeper() throws IOException {
        if (anchor == null) {
            return Optional.empty();
        }
        return Optional.of(NamedFile.read(
                anchor, in -> KeeperAnchor.parse(new String(in.readNBytes(MAX_ANCHOR_BYTES), StandardCharsets.UTF_8).strip())));
    }

    private int verifyFile(Path file) throws IOException {
        if (!confined.isEmpty()) {
            throw wrong("--confined is for an enclave at an address; with a file, say --expect secret-heap=true");
        }
        if (service != null) {
            throw wrong("--attestation-service decides about enclaves at an address, not about a file");
        }
        if (code != null) {
            throw wrong("with a file, say which code by --expect measurement=… or another claim");
        }
        for (String each : expected) {
            if (each.indexOf('=') < 1) {
                throw wrong("--expect: expected CLAIM=VALUE, found '" + each + "'");
            }
        }
        byte[] evidence = EvidenceFile.read(file);
        Verdict verdict;
        Instant at;
        try {
            at = party.at();
            Recording used = endorsements.open();
            verdict = new Verifier().verify(evidence, used, at, party.options(keeper(), allowDebug));
            endorsements.keep(used);
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
        verdict = compare(verdict);
        var out = spec.commandLine().getOut();
        if (json) {
            out.print(VerdictReport.json(verdict, at));
            out.flush();
        } else {
            VerdictReport.print(verdict, at, out);
        }
        return switch (verdict) {
            case Verdict.Accepted accepted -> 0;
            case Verdict.Undecided undecided -> NOT_FOUND_OUT;
            case Verdict.Refused refused -> refused.has(Code.MALFORMED) || refused.has(Code.KIND_UNKNOWN) ? NO_EVIDENCE : Main.FAILED;
        };
    }

    /** Compares proven claims with what the command line expects. */
    private Verdict compare(Verdict verdict) {
        if (!(verdict instanceof Verdict.Accepted accepted)) {
            return verdict;
        }
        List<Reason> reasons = new ArrayList<>();
        expected.forEach(each -> {
            String name = each.substring(0, each.indexOf('='));
            String wanted = each.substring(name.length() + 1);
            String found = value(accepted.claims(), name);
            if (!found.equals(wanted)) {
                reasons.add(new Reason(
                        name.equals("measurement") ? Code.MEASUREMENT_MISMATCH : Code.CLAIM_MISMATCH,
                        name,
                        found,
                        wanted,
                        "Something else runs than was expected: do not trust it before you know why."));
            }
        });
        return reasons.isEmpty() ? verdict : new Verdict.Refused(reasons);
    }

    private static String value(Claims claims, String name) {
        return switch (name) {
            case "kind" -> claims.kind();
            case "platform" -> claims.platform();
            case "measurement" -> claims.measurement().map(Measurement::toString).orElse("none");
            case "signer" -> claims.signer().map(Bytes::hex).orElse("none");
            case "product-id" -> shown(claims.productId());
            case "security-version" -> shown(claims.securityVersion());
            case "debug" -> Boolean.toString(claims.debug());
            case "report-data" -> claims.reportData().hex();
            case "anchor" -> claims.anchor().hex();
            default -> Optional.ofNullable(claims.details().get(name)).map(Object::toString).orElse("none");
        };
    }

    private CommandLine.ParameterException wrong(String why) {
        return new CommandLine.ParameterException(spec.commandLine(), why);
    }

    private int verifyEnclave() throws IOException {
        // An option that is not looked at would be a promise that is not kept.
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            if (!WITH_AN_ADDRESS.contains(option.longestName())) {
                throw wrong(option.longestName() + " is for evidence in a file, and no file of this name exists");
            }
        }
        InetSocketAddress where = Addresses.parse(spec.commandLine(), target);
        Mechanism[] wanted = mechanisms();
        Trust trust = (service == null ? byEvidence() : byToken(service)).confined(wanted);
        trust = allowSameUser ? trust.allowSameUser() : trust;
        trust = allowDebug ? trust.allowDebug() : trust;
        try (Client client = Client.connect(where, trust)) {
            print(client.claims(), spec.commandLine().getOut());
        }
        return 0;
    }

    private Mechanism[] mechanisms() {
        try {
            return confined.stream().distinct().map(Mechanism::parse).toArray(Mechanism[]::new);
        } catch (IllegalArgumentException e) {
            throw wrong("--confined: " + e.getMessage());
        }
    }

    private Trust byEvidence() throws IOException {
        if (code == null) {
            throw wrong("no file of this name; with an address, say which code: --measurement, or --signer, --product and --svn");
        }
        Trust wanted = agreed(
                signed -> Trust.signer(Bytes.fromHex(signed.signer), signed.product, signed.svn), Trust::measurement);
        return wanted.on(keeper().orElseThrow(() -> wrong("with an address, --anchor FILE is needed")));
    }

    /** The service says whose platforms; which code is said here, or by its policy, if that is pinned. */
    private Trust byToken(ServiceOptions decides) throws IOException {
        if (anchor != null) {
            throw wrong("--anchor: the attestation service decides which keepers are trusted; pin the anchor there");
        }
        if (code == null && !decides.pinsPolicy()) {
            throw wrong("say which code: --measurement, or --signer, --product and --svn; or --policy-hash, if the policy at the service"
                    + " says it. A service may permit all that is genuine, whoever wrote it");
        }
        Trust trust;
        try {
            trust = Trust.token(decides.service());
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
        return code == null
                ? trust
                : agreed(
                        signed -> trust.andSigner(Bytes.fromHex(signed.signer), signed.product, signed.svn), trust::andMeasurement);
    }

    private Trust agreed(Function<Signed, Trust> bySigner, Function<Measurement, Trust> byMeasurement) {
        AgreedCode agreed = Objects.requireNonNull(code);
        try {
            return agreed.signed != null
                    ? bySigner.apply(agreed.signed)
                    : byMeasurement.apply(Measurement.parse(String.valueOf(agreed.measurement)));
        } catch (IllegalArgumentException e) {
            throw wrong("not what an enclave measures to: " + e.getMessage());
        }
    }

    private static String shown(OptionalLong number) {
        return number.isPresent() ? Long.toString(number.getAsLong()) : "none";
    }

    /** What a token says is its service's text, and partly that of whoever sent evidence there. */
    static void print(Claims claims, PrintWriter out) {
        out.println("trusted");
        out.println("  platform          " + Shown.line(claims.platform()));
        out.println("  measurement       " + Shown.line(claims.measurement().map(Object::toString).orElse("none")));
        out.println("  signer            " + claims.signer().map(Bytes::hex).orElse("none"));
        out.println("  product-id        " + shown(claims.productId()));
        out.println("  security-version  " + shown(claims.securityVersion()));
        out.println("  debug             " + claims.debug());
        out.println("  issued-at         " + claims.issuedAt().map(Object::toString).orElse("not stated"));
        claims.details().forEach((name, value) -> out.printf("  %-17s %s%n", Shown.line(name), Shown.line(value.toString())));
        out.flush();
    }
}
