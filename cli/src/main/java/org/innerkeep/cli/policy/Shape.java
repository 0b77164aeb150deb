package org.innerkeep.cli.policy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.innerkeep.policy.Claim;
import org.innerkeep.policy.ClaimValue;
import org.innerkeep.policy.Decision;
import org.innerkeep.policy.Outcome;
import org.innerkeep.policy.Problem;
import org.innerkeep.policy.lint.Finding;
import org.innerkeep.policy.tree.Position;

/** What the tools print as JSON, as maps and lists. */
final class Shape {
    private Shape() {}

    static Map<String, Object> of(Decision decision) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("decision", decision(decision.outcome()));
        object.put("issued", claims(decision.issued()));
        object.put("properties", claims(decision.properties()));
        object.put("configuration", claims(decision.configuration()));
        decision.decidedBy().ifPresent(place -> object.put("decidedBy", place.toString()));
        decision.problem().ifPresent(problem -> object.put("problem", problem.toString()));
        return object;
    }

    /** The words of files with test cases. */
    static String decision(Outcome outcome) {
        return switch (outcome) {
            case PERMIT -> "permit";
            case DENY -> "deny";
            case NO_PERMIT -> "none";
            case ERROR -> "error";
        };
    }

    static Map<String, Object> claims(List<Claim> claims) {
        Map<String, Object> object = new LinkedHashMap<>();
        Decision.byType(claims).forEach((name, values) -> {
            List<Object> all = values.stream().map(Shape::value).toList();
            object.put(name, all.size() == 1 ? all.getFirst() : all);
        });
        return object;
    }

    private static Object value(ClaimValue value) {
        return switch (value) {
            case ClaimValue.Text text -> text.value();
            case ClaimValue.Int number -> number.value();
            case ClaimValue.Bool flag -> flag.value();
        };
    }

    static Map<String, Object> of(Problem problem) {
        Map<String, Object> object = place(problem.position());
        object.put("found", problem.found());
        object.put("expected", problem.expected());
        problem.hint().ifPresent(hint -> object.put("hint", hint));
        return object;
    }

    static Map<String, Object> of(Finding finding) {
        Map<String, Object> object = place(finding.position());
        object.put("code", finding.code().text());
        object.put("severity", finding.code().severity().name().toLowerCase(Locale.ROOT));
        object.put("why", finding.why());
        object.put("remedy", finding.remedy());
        return object;
    }

    private static Map<String, Object> place(Position position) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("line", position.line());
        object.put("column", position.column());
        return object;
    }
}
