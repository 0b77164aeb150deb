package org.innerkeep.cli.policy;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.cli.text.JsonText;
import org.innerkeep.cli.text.Shown;
import org.innerkeep.policy.cases.CaseFile;
import org.innerkeep.policy.cases.CaseFileException;
import org.innerkeep.policy.cases.PolicyCase;
import org.innerkeep.policy.cases.PolicyTests;
import org.innerkeep.policy.cases.TestReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs test cases. */
@Command(
        name = "test",
        mixinStandardHelpOptions = true,
        description = "Runs the test cases of a policy, and says what of the policy they did not reach.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all cases passed", "1:a case failed", "2:a file is of no use, or the command line is wrong"},
        footer = {
            "",
            "Cases are JSON: {\"cases\": [{\"name\": \"…\", \"claims\": {…}, \"expect\": {\"decision\": \"permit\", \"issued\": {…}}}]}",
            "A decision is permit, deny, none or error; issued, properties and configuration are compared where they are given.",
            "",
            "Example: innerkeep policy test policy.txt cases.json --require-coverage"
        })
final class TestCommand extends Tool {
    @Parameters(index = "0", paramLabel = "FILE", description = "The policy; - is standard input.")
    private String file;

    @Parameters(index = "1", paramLabel = "CASES", description = "The cases; - is standard input.")
    private String cases;

    @Option(names = "--require-coverage", description = "Fail as well if a rule or a condition was not reached both ways.")
    private boolean requireCoverage;

    @Option(names = "--json", description = "Print JSON for programs.")
    private boolean json;

    @Override
    int run(PrintWriter out) throws UnusableException {
        Input policy = Input.policy(file);
        List<PolicyCase> all = cases();
        String name = String.valueOf(Path.of(file).getFileName());
        List<PolicyCase> own = all.stream().filter(each -> each.policy().map(name::equals).orElse(true)).toList();
        if (own.isEmpty()) {
            throw new UnusableException(Shown.line(cases) + ": none of its " + all.size() + " cases is of " + Shown.line(name));
        }
        TestReport report = PolicyTests.run(policy.parse(), own);
        boolean passed = report.allPassed() && !(requireCoverage && !report.gaps().isEmpty());
        if (json) {
            out.print(JsonText.of(shape(report, passed)));
        } else {
            print(report, all.size() - own.size(), out);
        }
        return passed ? 0 : NO;
    }

    private List<PolicyCase> cases() throws UnusableException {
        Input input = Input.json(cases);
        try {
            return CaseFile.read(input.bytes());
        } catch (CaseFileException e) {
            throw new UnusableException(input.shown() + ": " + Shown.line(String.valueOf(e.getMessage())), e);
        }
    }

    private static void print(TestReport report, int others, PrintWriter out) {
        for (TestReport.Result each : report.results()) {
            out.println((each.passed() ? "ok      " : "FAILED  ") + Shown.line(each.policyCase().name()));
            each.differences().forEach(difference -> out.println("          " + Shown.line(difference)));
        }
        out.println();
        int failed = report.results().size() - report.passed();
        out.println(report.results().size() + " cases: " + report.passed() + " passed, " + failed + " failed"
                + (others > 0 ? "; " + others + " of other policies left out" : ""));
        if (!report.rules().isEmpty()) {
            long fired = report.rules().stream().filter(rule -> rule.fired() > 0).count();
            out.println("coverage: " + fired + " of " + report.rules().size() + " rules fired"
                    + (report.gaps().isEmpty() ? ", and nothing was left out" : ""));
            report.gaps().forEach(gap -> out.println("  " + gap));
        }
    }

    private static Map<String, Object> shape(TestReport report, boolean passed) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("passed", passed);
        object.put("cases", report.results().stream().map(each -> {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("name", each.policyCase().name());
            result.put("passed", each.passed());
            result.put("differences", each.differences());
            return result;
        }).toList());
        object.put("rules", report.rules().stream().map(each -> {
            Map<String, Object> rule = new LinkedHashMap<>();
            rule.put("rule", each.place().toString());
            rule.put("line", each.place().position().line());
            rule.put("fired", each.fired());
            return rule;
        }).toList());
        object.put("gaps", report.gaps());
        return object;
    }
}
