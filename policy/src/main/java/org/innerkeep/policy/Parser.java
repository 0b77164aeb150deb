package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.policy.Token.Kind;
import org.innerkeep.policy.tree.Comment;
import org.innerkeep.policy.tree.PolicyTree;
import org.innerkeep.policy.tree.Position;
import org.innerkeep.policy.tree.Rule;
import org.innerkeep.policy.tree.Section;
import org.innerkeep.policy.tree.SectionKind;
import org.innerkeep.policy.tree.Version;

/**
 * Reads the outer form of a policy:
 *
 * <pre>
 * policy  = version [ configuration ] authorization [ issuance ]
 * version = "version" "=" INT "." INT ";"
 * section = name "{" { rule } "}" ";"
 * </pre>
 *
 * <p>After a mistake within a rule it goes on behind the rule's semicolon, so that one run reports what one can mend at once.
 */
final class Parser {
    private final Tokens tokens;
    private final Problems problems;
    private final List<Comment> comments;
    private int rules;

    Parser(Lexer lexer, Problems problems) {
        this.tokens = new Tokens(lexer.tokens(), problems);
        this.comments = lexer.comments();
        this.problems = problems;
    }

    /** The tree, as far as there is one; it counts only if no problem was reported. */
    Optional<PolicyTree> parse() {
        Position start = tokens.position();
        Optional<Version> version = version();
        // What is wrong with the version is reported; the rest is read as if it were the newest.
        Version read = version.orElse(Version.V1_2);
        List<Section> sections = new ArrayList<>();
        while (!tokens.at(Kind.END) && !problems.full()) {
            try {
                section(read, sections).ifPresent(sections::add);
            } catch (SyntaxException e) {
                skipToSection();
            }
        }
        if (problems.none() && sections.stream().noneMatch(each -> each.kind() == SectionKind.AUTHORIZATION)) {
            tokens.unexpected(
                    "'authorizationrules'",
                    Optional.of("without a rule that permits nothing is: write 'authorizationrules{…};'"));
        }
        return version.map(each -> new PolicyTree(each, start, sections, comments));
    }

    private Optional<Version> version() {
        try {
            if (!tokens.peek().isWord("version")) {
                throw tokens.unexpected(
                        "'version'",
                        Hints.begin(tokens.peek())
                                .or(() -> Optional.of("a policy begins with 'version=1.0;', 'version=1.1;' or 'version=1.2;'")));
            }
            tokens.next();
            if (tokens.at(Kind.EQUAL)) {
                throw tokens.unexpected("'='", Optional.of("write 'version=1.2;'"));
            }
            tokens.take(Kind.ASSIGN);
            Token major = tokens.take(Kind.INT, "'1.0', '1.1' or '1.2'");
            tokens.take(Kind.DOT);
            String written = major.text() + "." + tokens.take(Kind.INT).text();
            Optional<Version> version = Optional.empty();
            for (Version each : Version.values()) {
                if (each.text().equals(written)) {
                    version = Optional.of(each);
                }
            }
            if (version.isEmpty()) {
                problems.add(
                        major.position(), Shown.piece(written), "'1.0', '1.1' or '1.2'", "there are no other versions");
            }
            tokens.take(Kind.SEMICOLON);
            return version;
        } catch (SyntaxException e) {
            if (!tokens.peek().is(Kind.END)) {
                skipRule();
            }
            return Optional.empty();
        }
    }

    private Optional<Section> section(Version version, List<Section> before) throws SyntaxException {
        Token name = tokens.peek();
        Optional<SectionKind> kind = sectionKind(name, before);
        tokens.next();
        if (kind.isEmpty()) {
            throw new SyntaxException();
        }
        checkOrder(name, kind.get(), version, before);
        if (tokens.at(Kind.ASSIGN)) {
            // What follows is clear, so that the rules are read as well.
            tokens.unexpected("'{'", Optional.of("write '" + kind.get().text() + "{…};', without '='"));
            tokens.next();
        }
        tokens.take(Kind.BRACE_OPEN);
        List<Rule> read = new ArrayList<>();
        while (!tokens.at(Kind.BRACE_CLOSE) && !problems.full()) {
            if (tokens.at(Kind.END) || sectionBegins()) {
                throw tokens.unexpected(
                        "'}'", Optional.of("close '" + kind.get().text() + "' with '};'"));
            }
            try {
                if (++rules > Limits.MAX_RULES) {
                    problems.add(
                            tokens.position(),
                            "rule " + rules,
                            "at most " + Limits.MAX_RULES + " rules",
                            "split or shorten the policy");
                    throw new SyntaxException();
                }
                read.add(new RuleParser(tokens, problems, version, kind.get()).rule());
            } catch (SyntaxException e) {
                skipRule();
            }
        }
        Token end = tokens.next();
        if (!tokens.skip(Kind.SEMICOLON)) {
            tokens.unexpected("';'", Optional.of("a section ends with '};'"));
        }
        return Optional.of(new Section(kind.get(), name.position(), read, end.position()));
    }

    /** Reports a name that is no section's, and takes the section that was meant where that is clear. */
    private Optional<SectionKind> sectionKind(Token name, List<Section> before) {
        for (SectionKind each : SectionKind.values()) {
            if (name.isWord(each.text())) {
                return Optional.of(each);
            }
        }
        Optional<SectionKind> meant = name.is(Kind.WORD) ? Hints.section(name.text()) : Optional.empty();
        String expected = before.stream().anyMatch(each -> each.kind() == SectionKind.ISSUANCE)
                ? "the end of the text"
                : before.isEmpty()
                        ? "'configurationrules' or 'authorizationrules'"
                        : "'authorizationrules' or 'issuancerules'";
        if (meant.isPresent()) {
            String text = meant.get().text();
            boolean cased = name.text().equalsIgnoreCase(text);
            tokens.unexpected(expected, Optional.of("write '" + text + "'" + (cased ? ", in lower case" : "")));
        } else {
            tokens.unexpected(expected);
        }
        return meant;
    }

    private void checkOrder(Token name, SectionKind kind, Version version, List<Section> before) {
        if (kind == SectionKind.CONFIGURATION && !version.atLeast(Version.V1_1)) {
            problems.add(
                    name.position(),
                    "'configurationrules' in a policy of version " + version.text(),
                    "'authorizationrules'",
                    "configuration rules are of version 1.1: write 'version=1.1;'");
        }
        for (Section each : before) {
            if (each.kind().compareTo(kind) >= 0) {
                problems.add(
                        name.position(),
                        "'" + kind.text() + "' behind '" + each.kind().text() + "'",
                        "'configurationrules', 'authorizationrules', 'issuancerules' in this order, each once",
                        each.kind() == kind ? "put the rules of both into one section" : "move the section");
                return;
            }
        }
    }

    private boolean sectionBegins() {
        return tokens.at(Kind.WORD) && tokens.peek(1).is(Kind.BRACE_OPEN);
    }

    private void skipRule() {
        while (!tokens.at(Kind.END) && !tokens.at(Kind.BRACE_CLOSE) && !sectionBegins()) {
            if (tokens.next().is(Kind.SEMICOLON)) {
                return;
            }
        }
    }

    private void skipToSection() {
        while (!tokens.at(Kind.END) && !sectionBegins()) {
            tokens.next();
        }
    }
}
