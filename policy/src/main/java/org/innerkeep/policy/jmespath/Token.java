package org.innerkeep.policy.jmespath;

import org.innerkeep.policy.json.Json;

/**
 * A token of a query.
 *
 * @param kind its kind
 * @param at where it begins
 * @param text its text: a name without quotes, a number's digits
 * @param value the value of a literal or raw string, else null
 */
record Token(Kind kind, int at, String text, Json value) {
    enum Kind {
        IDENTIFIER("a name", 0), QUOTED("a name in quotes", 0), NUMBER("a number", 0), LITERAL("a literal", 0), CURRENT("'@'", 0),
        RBRACKET("']'", 0), RBRACE("'}'", 0), RPAREN("')'", 0), COMMA("','", 0), COLON("':'", 0), REFERENCE("'&'", 0),
        END("the end of the query", 0),
        PIPE("'|'", 1), OR("'||'", 2), AND("'&&'", 3),
        EQUAL("'=='", 5), NOT_EQUAL("'!='", 5), LESS("'<'", 5), LESS_OR_EQUAL("'<='", 5), MORE("'>'", 5),
                MORE_OR_EQUAL("'>='", 5),
        FLATTEN("'[]'", 9), STAR("'*'", 20), FILTER("'[?'", 21), DOT("'.'", 40), NOT("'!'", 45), LBRACE("'{'", 50),
                LBRACKET("'['", 55),
        LPAREN("'('", 60);

        private final String shown;

        /** How strongly it binds what stands left of it; 0 ends an expression. */
        private final int binding;

        Kind(String shown, int binding) {
            this.shown = shown;
            this.binding = binding;
        }

        int binding() {
            return binding;
        }

        String shown() {
            return shown;
        }
    }
}
