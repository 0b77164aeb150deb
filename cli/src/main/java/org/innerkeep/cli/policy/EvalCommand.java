package org.innerkeep.cli.policy;

import java.io.PrintWriter;
import java.util.List;
import org.innerkeep.cli.text.JsonText;
import org.innerkeep.policy.ClaimValue;
import org.innerkeep.policy.Claim;
import org.innerkeep.policy.Decision;
import org.innerkeep.policy.Shown;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Decides. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        description = "Decides about claims, and shows what is issued.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:permitted", "1:not permitted", "2:a file is of no use, or the command line is wrong"},
        footer = {
            "",
            "Claims are JSON: {\"x-ms-sgx-svn\": 3, …} or [{\"type\": \"x-ms-sgx-svn\", \"value\": 3, \"issuer\": \"CustomClaim\"}, …]",
            "",
            "Examples:",
            "  innerkeep policy eval policy.txt --claims claims.json",
            "  innerkeep policy eval policy.txt --claims - --json < claims.json"
        })
final class EvalCommand extends Tool {
    @Parameters(paramLabel = "FILE", description = "The policy; - is standard input.")
    private String file;

    @Option(names = "--claims", required = true, paramLabel = "FILE", description = "The claims; - is standard input.")
    private String claims;

    @Option(names = "--json", description = "Print JSON for programs.")
    private boolean json;

    @Override
    int run(PrintWriter out) throws UnusableException {
        Decision decision = Input.policy(file).valid().evaluate(Input.json(claims).claims());
        if (json) {
            out.print(JsonText.of(Shape.of(decision)));
            return decision.permitted() ? 0 : NO;
        }
        out.println(switch (decision.outcome()) {
            case PERMIT -> "permitted";
            case DENY -> "denied";
            case NO_PERMIT -> "not permitted: no rule permits";
            case ERROR -> "not permitted: the evaluation ended with an error";
        } + decision.decidedBy().map(place -> " by " + place).orElse(""));
        decision.problem().ifPresent(problem -> out.println("  " + problem));
        print("issued", decision.issued(), out);
        print("properties of the token", decision.properties(), out);
        print("settings of the verifier", decision.configuration(), out);
        return decision.permitted() ? 0 : NO;
    }

    private static void print(String title, List<Claim> claims, PrintWriter out) {
        if (claims.isEmpty()) {
            return;
        }
        out.println();
        out.println(title);
        Decision.byType(claims).forEach((name, values) -> {
            for (ClaimValue value : values) {
                out.println(String.format("  %-38s  %s", Shown.quoted(name), Shown.value(value)));
            }
        });
    }
}
