package org.innerkeep.cli.policy;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.innerkeep.cli.text.JsonText;
import org.innerkeep.policy.Policy;
import org.innerkeep.policy.lint.AttestationType;
import org.innerkeep.policy.lint.Finding;
import org.innerkeep.policy.lint.Lint;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Finds what is probably not meant. */
@Command(
        name = "lint",
        mixinStandardHelpOptions = true,
        description = "Finds what a policy says and its author probably does not mean: rules that never fire, and patterns that fail open.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing but notes was found", "1:a warning or an error was found", "2:a file is no policy, or the command line is wrong"
        },
        footer = {"", "Example: innerkeep policy lint policy.txt --type sgx"})
final class LintCommand extends Tool {
    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Policies; - is standard input.")
    private List<String> files;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "For what evidence the policies are, so that names of claims are checked: sgx, sevsnpvm, tdxvm, azurevm, tpm or vbs.")
    private @Nullable String type;

    @Option(names = "--json", description = "Print JSON for programs.")
    private boolean json;

    @Override
    int run(PrintWriter out) throws UnusableException {
        Optional<AttestationType> wanted = Optional.empty();
        if (type != null) {
            wanted = AttestationType.of(type);
            if (wanted.isEmpty()) {
                throw wrong("no attestation type has that name; they are "
                        + Arrays.stream(AttestationType.values()).map(AttestationType::text).collect(Collectors.joining(", ")));
            }
        }
        List<Object> results = new ArrayList<>();
        boolean clean = true;
        for (String file : files) {
            Input input = Input.policy(file);
            Policy policy = input.valid();
            List<Finding> findings = Lint.check(policy, wanted);
            clean &= findings.stream().allMatch(finding -> finding.code().severity() == Finding.Severity.NOTE);
            if (json) {
                Map<String, Object> result = new LinkedHashMap<>();
                result.put("file", file);
                result.put("findings", findings.stream().map(Shape::of).toList());
                results.add(result);
            } else if (findings.isEmpty()) {
                out.println(input.shown() + ": nothing found");
            } else {
                Excerpt excerpt = new Excerpt(input);
                findings.forEach(finding -> out.println(excerpt.of(finding)));
            }
        }
        if (json) {
            out.print(JsonText.of(results));
        }
        return clean ? 0 : NO;
    }
}
