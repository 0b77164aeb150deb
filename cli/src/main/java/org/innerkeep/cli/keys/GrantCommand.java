package org.innerkeep.cli.keys;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.KeeperAnchor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Grants a key to enclaves. */
@Command(
        name = "grant",
        mixinStandardHelpOptions = true,
        description = {
            "Says which enclaves may use a key: whose code, on which platforms, and who may read its memory at most. Nothing is granted by"
                    + " leaving one of these out.",
            "A grant never changes: give another, and revoke this one. Granting re-encrypts nothing."
        },
        footer = {
            "",
            "Examples:",
            "  innerkeep keys grant patients --signer 5f0c… --product 7 --least-version 3 --platform process --memory root",
            "  innerkeep keys grant patients --measurement sha-256:9b1d… --platform snp --memory nobody --lease PT15M --uses 100"
        })
final class GrantCommand implements Callable<Integer> {
    private static final StrictJson JSON = StrictJson.upTo(1 << 20);
    private static final int MAX_POLICY = 64 * 1024;

    @Mixin
    private VaultServer server;

    @Parameters(paramLabel = "NAME", description = "The key.")
    private String name;

    @Option(names = "--signer", paramLabel = "HEX", description = "Who signed the code, as 'innerkeep inspect' prints it.")
    private @Nullable String signer;

    @Option(names = "--product", paramLabel = "NUMBER", description = "With --signer: the product id.")
    private @Nullable Long product;

    @Option(names = "--least-version", paramLabel = "NUMBER", description = "With --signer: the oldest security version.")
    private @Nullable Long leastVersion;

    @Option(names = "--measurement", paramLabel = "sha-256:HEX",
            description = "Exactly this code and configuration, as 'innerkeep measure' prints it. Repeatable.")
    private @Nullable List<String> measurements;

    @Option(names = "--platform", required = true, paramLabel = "NAME", description = "process, vm, sgx, snp, tdx, nitro, cca. Repeatable.")
    private List<String> platforms;

    @Option(names = "--memory", required = true, paramLabel = "WHO",
            description = "Who may read the enclave's memory at most: nobody, hypervisor, root, host. On 'process' it is root.")
    private String memory;

    @Option(names = "--keeper", paramLabel = "keeper-key:…", description = "Only where this keeper vouches. Repeatable.")
    private @Nullable List<String> keepers;

    @Option(names = "--job", paramLabel = "HEX", description = "Only for the job with this digest.")
    private @Nullable String job;

    @Option(names = "--from", paramLabel = "TIME", description = "From when on, such as 2026-12-01T00:00:00Z.")
    private @Nullable Instant from;

    @Option(names = "--until", paramLabel = "TIME", description = "Until when.")
    private @Nullable Instant until;

    @Option(names = "--uses", paramLabel = "NUMBER", description = "How many file keys at most.")
    private @Nullable Long uses;

    @Option(names = "--lease", paramLabel = "DURATION",
            description = "How long an enclave may use what it got before it asks again, such as PT15M.")
    private @Nullable Duration lease;

    @Option(names = "--allow-debug", description = "Accept enclaves that can be debugged. For development.")
    private boolean debug;

    @Option(names = "--policy", paramLabel = "FILE", description = "An appraisal policy that must permit as well.")
    private @Nullable Path policy;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        boolean signed = signer != null || product != null || leastVersion != null;
        if (signed == (measurements != null) || (signed && (signer == null || product == null || leastVersion == null))) {
            throw new CommandLine.ParameterException(spec.commandLine(),
                    "say whose code: --signer, --product and --least-version together, or --measurement");
        }
        Map<String, Object> grant = new LinkedHashMap<>();
        put(grant, "signer", signer);
        put(grant, "productId", product);
        put(grant, "leastVersion", leastVersion);
        put(grant, "measurements", measurements);
        grant.put("platforms", platforms);
        grant.put("memoryReadableBy", memory);
        if (keepers != null) {
            grant.put("anchors", keepers.stream().map(this::anchor).toList());
        }
        put(grant, "job", job);
        put(grant, "notBefore", from == null ? null : from.toString());
        put(grant, "notAfter", until == null ? null : until.toString());
        put(grant, "uses", uses);
        put(grant, "leaseSeconds", lease == null ? null : lease.toSeconds());
        grant.put("debug", debug);
        put(grant, "policy", policy == null ? null : text(policy));
        KeyTexts.grant(spec.commandLine().getOut(), server.send(
                "POST", "/vault/keys/" + Names.checked(name) + "/grants", "application/json", JSON.write(grant)));
        return 0;
    }

    private String anchor(String keeper) {
        try {
            return KeeperAnchor.parse(keeper).id().hex();
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--keeper: " + e.getMessage(), e);
        }
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_POLICY + 1);
            if (bytes.length > MAX_POLICY) {
                throw new IOException(file + ": expected at most " + MAX_POLICY + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static void put(Map<String, Object> grant, String field, @Nullable Object value) {
        if (value != null) {
            grant.put(field, value);
        }
    }
}
