package org.innerkeep.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.innerkeep.policy.tree.Action;
import org.innerkeep.policy.tree.Comment;
import org.innerkeep.policy.tree.Condition;
import org.innerkeep.policy.tree.Expression;
import org.innerkeep.policy.tree.Function;
import org.innerkeep.policy.tree.Operator;
import org.innerkeep.policy.tree.PolicyTree;
import org.innerkeep.policy.tree.Position;
import org.innerkeep.policy.tree.Property;
import org.innerkeep.policy.tree.Rule;
import org.innerkeep.policy.tree.SectionKind;
import org.innerkeep.policy.tree.Verb;
import org.innerkeep.policy.tree.Version;
import org.junit.jupiter.api.Test;

class SyntaxTest {
    @Test
    void aWholePolicyBecomesATreeWithPositions() {
        PolicyTree tree = tree("""
            // who may run
            version=1.2;
            configurationrules{
              => issueproperty(type="required_pcr_mask", value=0xFF);
            };
            authorizationrules {
              c:[type=="svn", value>=2] && ![type=="bad"] => permit(); // good
            };
            issuancerules{
              c:[type=="svn"] => issue(claim=c);
            };
            """);

        assertThat(tree.version()).isEqualTo(Version.V1_2);
        assertThat(tree.versionPosition()).isEqualTo(new Position(2, 1));
        assertThat(tree.sections()).extracting(each -> each.kind()).containsExactly(SectionKind.values());
        assertThat(tree.comments())
                .containsExactly(
                        new Comment(new Position(1, 1), " who may run", true),
                        new Comment(new Position(7, 60), " good", false));
        Rule rule = tree.rules(SectionKind.AUTHORIZATION).getFirst();
        assertThat(rule.position()).isEqualTo(new Position(7, 3));
        assertThat(rule.end()).isEqualTo(new Position(7, 58));
        assertThat(rule.action()).isEqualTo(new Action.Permit(new Position(7, 50)));
        Condition first = rule.conditions().getFirst();
        assertThat(first.identifier()).contains("c");
        assertThat(first.negated()).isFalse();
        assertThat(first.comparisons())
                .extracting(each -> each.property())
                .containsExactly(Property.TYPE, Property.VALUE);
        assertThat(first.comparisons())
                .extracting(each -> each.operator())
                .containsExactly(Operator.EQUAL, Operator.AT_LEAST);
        assertThat(rule.conditions().get(1).negated()).isTrue();
        assertThat(tree.rules(SectionKind.ISSUANCE).getFirst().action())
                .isEqualTo(new Action.Forward(new Position(10, 22), Verb.ISSUE, "c", new Position(10, 34)));
    }

    @Test
    void spaceLineEndsAndCommentsMayStandAnywhere() {
        String spaced = "version // a\r\n"
                + " = // b\n"
                + "1 . 1\t;authorizationrules\n"
                + "{ // c\n"
                + "[ type\n"
                + "==\"a\" , value!=\n"
                + "-5 ]\n"
                + "&& [issuer==\"b\"]=>deny ( ) ; } ;//";
        String tight = "version=1.1;authorizationrules{[type==\"a\",value!=-5]&&[issuer==\"b\"]=>deny();};";

        assertThat(Written.action(action(spaced))).isEqualTo(Written.action(action(tight)));
        assertThat(Written.condition(condition(spaced))).isEqualTo(Written.condition(condition(tight)));
    }

    @Test
    void aByteOrderMarkAtTheStartIsSkipped() {
        String text = "\uFEFFversion=1.0;authorizationrules{=>permit();};";

        assertThat(Policy.parse(text)).isInstanceOf(Parsed.Valid.class);
        assertThat(Policy.parse(text.getBytes(StandardCharsets.UTF_8))
                        .orThrow()
                        .tree()
                        .versionPosition())
                .isEqualTo(new Position(1, 1));
    }

    @Test
    void anAuthorizationSectionIsAllThatIsNeededAndMayBeEmpty() {
        assertThat(tree("version=1.0;authorizationrules{};").sections()).hasSize(1);
    }

    @Test
    void stringsHaveTwoEscapesAndMayGoOverLines() {
        assertThat(value("\"a\\\"b\\\\c\"")).isEqualTo(new Expression.Text(new Position(1, 57), "a\"b\\c"));
        assertThat(value("\"a\n  b // no comment\""))
                .isEqualTo(new Expression.Text(new Position(1, 57), "a\n  b // no comment"));
        assertThat(value("\"\u201Cquoted\u201D é 😀\""))
                .isEqualTo(new Expression.Text(new Position(1, 57), "\u201Cquoted\u201D é 😀"));
    }

    @Test
    void wholeNumbersAreDecimalOrHexadecimalOfSixtyFourBits() {
        assertThat(value("-9223372036854775808")).isEqualTo(new Expression.Int(new Position(1, 57), Long.MIN_VALUE));
        assertThat(value("0x7fffFFFFffffFFFF")).isEqualTo(new Expression.Int(new Position(1, 57), Long.MAX_VALUE));
        assertThat(value("007")).isEqualTo(new Expression.Int(new Position(1, 57), 7));
    }

    @Test
    void truthValuesReferencesAndCallsAreExpressions() {
        assertThat(value("true")).isEqualTo(new Expression.Bool(new Position(1, 57), true));
        assertThat(value("AppendString(\"a\", AppendString(c.value, c.issuer))"))
                .isEqualTo(new Expression.Call(
                        new Position(1, 57),
                        Function.APPEND_STRING,
                        List.of(
                                new Expression.Text(new Position(1, 70), "a"),
                                new Expression.Call(
                                        new Position(1, 75),
                                        Function.APPEND_STRING,
                                        List.of(
                                                new Expression.Reference(new Position(1, 88), "c", Property.VALUE),
                                                new Expression.Reference(
                                                        new Position(1, 97), "c", Property.ISSUER))))));
    }

    @Test
    void wordsOfTheLanguageMayBeIdentifiers() {
        Rule rule = tree("version=1.0;authorizationrules{type:[type==\"a\"]&&[value==type.value]=>permit();};")
                .rules(SectionKind.AUTHORIZATION)
                .getFirst();

        assertThat(rule.conditions().getFirst().identifier()).contains("type");
    }

    @Test
    void columnsCountCodePoints() {
        assertThat(Policy.parse("version=1.0;authorizationrules{[type==\"😀\"] => perm();};"))
                .isInstanceOfSatisfying(
                        Parsed.Invalid.class,
                        invalid -> assertThat(invalid.problems().getFirst().position())
                                .isEqualTo(new Position(1, 47)));
    }

    @Test
    void actionsNameTheirArguments() {
        Action.Make make =
                (Action.Make) action("version=1.0;authorizationrules{=>add(value=1, type=\"a\", valueType=\"Integer\","
                        + " issuer=\"AttestationPolicy\");};");

        assertThat(make.argument(Property.TYPE)).isEqualTo(Optional.of(new Expression.Text(new Position(1, 52), "a")));
        assertThat(make.arguments())
                .extracting(Action.Argument::property)
                .containsExactly(Property.VALUE, Property.TYPE, Property.VALUE_TYPE, Property.ISSUER);
    }

    private static Expression value(String expression) {
        String policy = "version=1.2;authorizationrules{c:[type==\"x\"]&&[ value ==" + expression + "]=>permit();};";
        return tree(policy)
                .rules(SectionKind.AUTHORIZATION)
                .getFirst()
                .conditions()
                .get(1)
                .comparisons()
                .getFirst()
                .expression();
    }

    private static Action action(String text) {
        return tree(text).rules(SectionKind.AUTHORIZATION).getFirst().action();
    }

    private static Condition condition(String text) {
        return tree(text)
                .rules(SectionKind.AUTHORIZATION)
                .getFirst()
                .conditions()
                .getFirst();
    }

    private static PolicyTree tree(String text) {
        return Policy.parse(text).orThrow().tree();
    }
}
