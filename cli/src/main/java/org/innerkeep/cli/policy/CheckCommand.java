package org.innerkeep.cli.policy;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.cli.text.JsonText;
import org.innerkeep.policy.Parsed;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads policies. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = "Reads policies and shows what is wrong with them, with the line.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all are policies", "1:one is none", "2:a file cannot be read, or the command line is wrong"},
        footer = {"", "Examples:", "  innerkeep policy check policy.txt", "  innerkeep policy check - --json < policy.txt"})
final class CheckCommand extends Tool {
    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Policies; - is standard input.")
    private List<String> files;

    @Option(names = "--json", description = "Print JSON for programs.")
    private boolean json;

    @Override
    int run(PrintWriter out) throws UnusableException {
        List<Object> results = new ArrayList<>();
        boolean all = true;
        for (String file : files) {
            Input input = Input.policy(file);
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("file", file);
            switch (input.parse()) {
                case Parsed.Valid valid -> {
                    int rules = valid.policy().tree().sections().stream().mapToInt(section -> section.rules().size()).sum();
                    result.put("valid", true);
                    result.put("version", valid.policy().version().text());
                    result.put("rules", rules);
                    if (!json) {
                        out.println(input.shown() + ": a policy of version " + valid.policy().version().text() + " with " + rules
                                + (rules == 1 ? " rule" : " rules"));
                    }
                }
                case Parsed.Invalid invalid -> {
                    all = false;
                    result.put("valid", false);
                    result.put("problems", invalid.problems().stream().map(Shape::of).toList());
                    if (!json) {
                        Excerpt excerpt = new Excerpt(input);
                        invalid.problems().forEach(problem -> out.println(excerpt.of(problem)));
                    }
                }
            }
            results.add(result);
        }
        if (json) {
            out.print(JsonText.of(results));
        }
        return all ? 0 : NO;
    }
}
