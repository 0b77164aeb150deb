package org.innerkeep.policy.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.innerkeep.policy.Policy;
import org.junit.jupiter.api.Test;

class FormatterTest {
    private static String format(String text) {
        return Formatter.format(Policy.parse(text).orThrow()).orElseThrow();
    }

    @Test
    void everyPolicyHasOneLayout() {
        assertThat(format("""
                version= 1.1 ;configurationrules{
                =>issueproperty ( type ="required_pcr_mask",value=0x0F ) ;};
                authorizationrules
                {
                [ type=="a" , value==true ]&&
                  c : [type == "b"]=>permit( );  =>deny();
                };
                issuancerules{};""")).isEqualTo("""
                version=1.1;

                configurationrules {
                    => issueproperty(type="required_pcr_mask", value=0x0F);
                };

                authorizationrules {
                    [type=="a", value==true] && c:[type=="b"] => permit();
                    => deny();
                };

                issuancerules {
                };
                """);
    }

    @Test
    void aRuleThatIsTooLongForALineGetsOneForEachPart() {
        String name = "a".repeat(50);

        assertThat(format("version=1.2;authorizationrules{[type==\"" + name + "\"]&&![type==\"" + name + "\"]=>permit();};")).isEqualTo("""
                version=1.2;

                authorizationrules {
                    [type=="NAME"]
                    && ![type=="NAME"]
                    => permit();
                };
                """.replace("NAME", name));
    }

    @Test
    void commentsStayWithWhatTheyStandAt() {
        String laidOut = """
                // What this is for.

                version=1.0; // the first

                // Who may.
                authorizationrules { // all of them count
                    // Production only.
                    [type=="debug", value==false] // proven
                    // and then
                    && [type=="signer", value=="s"] // ours
                    => permit(); // at last

                    // Nothing more.
                }; // end

                // Goodbye.
                """;

        assertThat(format(laidOut)).isEqualTo(laidOut);
        assertThat(format(laidOut.replace("    ", "\t").replace("\n", "\r\n"))).isEqualTo(laidOut);
    }

    @Test
    void aSecondCommentForOneLineGoesBelow() {
        assertThat(format("""
                version=1.0;
                authorizationrules {
                [type=="a", // one
                value==1 // two
                ] => // three
                permit( // four
                ); // five
                };
                """)).isEqualTo("""
                version=1.0;

                authorizationrules {
                    [type=="a", value==1] // one
                    // two
                    // three
                    => permit(); // four
                    // five
                };
                """);
    }

    @Test
    void emptyLinesBetweenRulesStayAndSeveralBecomeOne() {
        assertThat(format("version=1.0;\nauthorizationrules {\n\n=> permit();\n\n\n\n=> deny();\n=> deny();\n\n};")).isEqualTo("""
                version=1.0;

                authorizationrules {
                    => permit();

                    => deny();
                    => deny();
                };
                """);
    }

    @Test
    void textKeepsItsEscapesAndLineEnds() {
        String laidOut = """
                version=1.0;

                authorizationrules {
                    [type=="a\\\\b\\"c
                  d"] => permit();
                };
                """;

        assertThat(format(laidOut)).isEqualTo(laidOut);
        assertThat(format("\uFEFF" + laidOut)).isEqualTo(laidOut);
    }

    @Test
    void aPolicyThatWouldGetTooLongIsLeftAlone() {
        String rules = "=>deny();".repeat(990);
        String comment = "//" + "x".repeat(65_536 - rules.length() - 60) + "\n";
        Policy policy = Policy.parse("version=1.0;authorizationrules{" + comment + rules + "};").orThrow();

        assertThat(Formatter.format(policy)).isEmpty();
    }
}
