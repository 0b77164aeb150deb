package org.innerkeep.policy;

import org.innerkeep.policy.tree.Position;

/**
 * A piece of a policy's text.
 *
 * @param text what stands there; of a string, the text without quotes and escapes
 * @param number the value of an {@link Kind#INT}, else 0
 * @param spansLines whether it is a string that goes over the end of a line
 */
record Token(Kind kind, String text, Position position, long number, boolean spansLines) {
    enum Kind {
        WORD("a name"),
        STRING("text in quotes"),
        INT("a whole number"),
        ASSIGN("'='"),
        EQUAL("'=='"),
        NOT_EQUAL("'!='"),
        LESS("'<'"),
        AT_MOST("'<='"),
        GREATER("'>'"),
        AT_LEAST("'>='"),
        ARROW("'=>'"),
        AND("'&&'"),
        NOT("'!'"),
        BRACE_OPEN("'{'"),
        BRACE_CLOSE("'}'"),
        BRACKET_OPEN("'['"),
        BRACKET_CLOSE("']'"),
        PAREN_OPEN("'('"),
        PAREN_CLOSE("')'"),
        COLON("':'"),
        SEMICOLON("';'"),
        COMMA("','"),
        DOT("'.'"),
        UNKNOWN("nothing of this language"),
        END("the end of the text");

        private final String shown;

        Kind(String shown) {
            this.shown = shown;
        }

        String shown() {
            return shown;
        }
    }

    boolean is(Kind other) {
        return kind == other;
    }

    boolean isWord(String word) {
        return kind == Kind.WORD && text.equals(word);
    }

    /** For messages. */
    String shown() {
        return switch (kind) {
            case END -> kind.shown();
            case STRING -> Shown.quoted(text);
            default -> Shown.piece(text);
        };
    }
}
