package org.innerkeep.cli.keys;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.cli.files.NamedFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Takes a key's grants from one version of an enclave to the next. */
@Command(
        name = "update",
        mixinStandardHelpOptions = true,
        description = {
            "When the operator runs a new version: shows what changed from OLD to NEW and which grants of the key name OLD, asks,"
                    + " and puts grants for NEW with the same restrictions in their place.",
            "Each grant is replaced in one step: there is no moment at which neither version gets keys. Nothing is ever loosened."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the grants were replaced",
            "1:nothing was changed, or not all; the message says why",
            "2:the command line is wrong",
            "3:Maven must be installed first"
        },
        footer = {
            "",
            "Examples:",
            "  innerkeep keys update patients study-3.enclave study-4.enclave",
            "  innerkeep keys update patients study-3.enclave study-4.enclave --from-source ./study --overlap PT24H"
        })
final class UpdateCommand implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final StrictJson JSON = StrictJson.upTo(1 << 20);
    private static final Duration LONGEST_OVERLAP = Duration.ofDays(366);

    @Mixin
    private VaultServer server;

    @Parameters(index = "0", paramLabel = "NAME", description = "The key.")
    private String name;

    @Parameters(index = "1", paramLabel = "OLD", description = "The bundle that ran until now.")
    private Path oldFile;

    @Parameters(index = "2", paramLabel = "NEW", description = "The bundle that takes its place.")
    private Path newFile;

    @Mixin
    private Comparison comparison;

    @Option(names = "--grant", paramLabel = "GRANT", description = "Only this grant. Repeatable; all that name OLD unless given.")
    private List<String> chosen = List.of();

    @Option(names = "--overlap", paramLabel = "DURATION",
            description = "How long OLD gets keys too, such as PT24H: its grant ends then by itself. Unless given, OLD gets none from"
                    + " now on.")
    private @Nullable Duration overlap;

    @Option(names = "--yes", description = "Do it without asking.")
    private boolean yes;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException, BundleException {
        if (overlap != null && (overlap.toSeconds() < 1 || overlap.compareTo(LONGEST_OVERLAP) > 0)) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--overlap: expected 1 second to " + LONGEST_OVERLAP.toDays()
                    + " days");
        }
        for (String each : chosen) {
            Names.id("--grant", each);
        }
        String address = "/vault/keys/" + Names.checked(name);
        Bundle before = NamedFile.inspect(oldFile);
        Bundle after = NamedFile.inspect(newFile);
        Optional<Comparison.Versions> versions =
                comparison.show(spec.commandLine(), new Comparison.Files(before, oldFile, after, newFile));
        if (versions.isEmpty()) {
            return comparison.exitCode();
        }
        PrintWriter out = spec.commandLine().getOut();
        JsonNode key = server.get(address);
        asked(out, versions.get().to(), server.get(address + "/enclaves"));
        Instant now = time();
        UpdatePlan plan = UpdatePlan.of(
                HeldGrant.of(key).stream().filter(each -> each.holds(now)).toList(),
                new UpdatePlan.Change(versions.get().from(), versions.get().to(), Optional.ofNullable(overlap).map(now::plus)),
                Set.copyOf(chosen));
        return carryOut(out, address, plan);
    }

    /** The vault's, by which grants count. */
    private Instant time() throws IOException {
        return KeyTexts.time(server.get("/vault"), "time")
                .orElseThrow(() -> new IOException("the server's answer is not what a vault says: expected a time"))
                .truncatedTo(ChronoUnit.SECONDS);
    }

    /** Whether it runs already, and is what it measures to here. */
    private static void asked(PrintWriter out, Version to, JsonNode enclaves) {
        boolean any = false;
        for (JsonNode each : enclaves.path("enclaves").values()) {
            if (!to.isOf(each)) {
                continue;
            }
            any = true;
            out.println("running    an enclave of the new version asked " + KeyTexts.times(each) + ", last at "
                    + KeyTexts.text(each, "lastAt"));
            String there = KeyTexts.text(each, "measurement");
            if (!to.measurement().equals(Optional.of(there))) {
                out.println("           it measures to " + there + " there"
                        + (to.measurement().isEmpty() ? "" : ", and not as above: another JDK build, platform or bundle"));
            }
        }
        if (!any) {
            out.println("running    no enclave of the new version asked for the key lately");
        }
    }

    private int carryOut(PrintWriter out, String address, UpdatePlan plan) throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        plan.notes().forEach(each -> out.println("note       " + each));
        if (!plan.refusals().isEmpty() || plan.steps().isEmpty()) {
            plan.refusals().forEach(each -> err.println("innerkeep: " + each));
            err.println(plan.refusals().isEmpty()
                    ? "innerkeep: no grant that holds has to be replaced, and nothing was changed; 'innerkeep keys show " + name
                            + "' shows them, 'innerkeep keys grant' gives one"
                    : "innerkeep: nothing was changed");
            return FAILED;
        }
        out.println();
        for (UpdatePlan.Step each : plan.steps()) {
            out.println("REVOKED, when you say yes:");
            KeyTexts.grant(out, each.old().json());
            out.println("GRANTED in its place, at the same moment:");
            each.others().forEach(other -> KeyTexts.restrictions(out, other));
        }
        out.println();
        out.flush();
        int count = plan.steps().size();
        if (!yes && !Question.yes("Replace " + count + (count == 1 ? " grant" : " grants") + "? Type yes: ")) {
            err.println("innerkeep: nothing was changed; say yes, or --yes where there is no terminal");
            return FAILED;
        }
        List<HeldGrant> revoked = new ArrayList<>();
        try {
            for (UpdatePlan.Step each : plan.steps()) {
                replace(out, address, each);
                revoked.add(each.old());
            }
        } finally {
            if (!revoked.isEmpty()) {
                Afterwards.say(out, name, revoked, server.get(address + "/log"));
            }
        }
        return 0;
    }

    private void replace(PrintWriter out, String address, UpdatePlan.Step step) throws IOException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putArray("grants").addAll(step.others());
        JsonNode key = server.send("POST", address + "/grants/" + Names.id("grant", step.old().id()) + "/replace", "application/json",
                JSON.write(body));
        List<HeldGrant> all = HeldGrant.of(key);
        out.println("revoked    " + step.old().id());
        all.subList(Math.max(0, all.size() - step.others().size()), all.size())
                .forEach(each -> out.println("granted    " + each.id()));
    }
}
