package org.innerkeep.cli.policy;

import java.io.PrintWriter;
import org.innerkeep.policy.Explanation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Decides, and says why. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = "Decides about claims, and says what every rule did and which claims its conditions found.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:permitted", "1:not permitted", "2:a file is of no use, or the command line is wrong"},
        footer = {"", "Example: innerkeep policy explain policy.txt --claims claims.json"})
final class ExplainCommand extends Tool {
    @Parameters(paramLabel = "FILE", description = "The policy; - is standard input.")
    private String file;

    @Option(names = "--claims", required = true, paramLabel = "FILE", description = "The claims, as 'policy eval' takes them.")
    private String claims;

    @Override
    int run(PrintWriter out) throws UnusableException {
        Explanation explanation = Input.policy(file).valid().explain(Input.json(claims).claims());
        out.print(explanation.render());
        return explanation.decision().permitted() ? 0 : NO;
    }
}
