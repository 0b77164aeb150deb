package org.innerkeep.policy.jmespath;

import java.util.List;
import java.util.Optional;
import org.innerkeep.policy.jmespath.JmesPathException.Kind;
import org.innerkeep.policy.json.Json;

/**
 * A JMESPath query: the specification of jmespath.org whole, and {@code equals_ignore_case(a, b)}, which is true for two strings
 * that differ in nothing but case and false for anything else.
 *
 * <p>Queries may be as hostile as the values they are asked of: attestation policies build them from claims. So their length and
 * depth are bounded here, and what a search does is bounded by its {@link Budget}.
 *
 * <p>Numbers are exact decimals; {@code avg} rounds to 34 digits. Unknown functions and wrong numbers of arguments are found by
 * {@link #compile}, even in a part of the query that would not be evaluated.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class JmesPath {
    /** The longest query, in UTF-16 units. */
    public static final int MAX_LENGTH = 1 << 16;

    /** How deep expressions may be nested. */
    public static final int MAX_NESTING = 256;

    /** How many nodes a query's tree may have one below another. */
    public static final int MAX_DEPTH = 512;

    private final String query;
    private final Node root;

    private JmesPath(String query, Node root) {
        this.query = query;
        this.root = root;
    }

    /**
     * Reads a query.
     *
     * @param query hostile text
     * @return the query, ready to be asked
     * @throws JmesPathException if it is no JMESPath, calls what does not exist, or is too long or too deep
     */
    public static JmesPath compile(String query) throws JmesPathException {
        if (query.length() > MAX_LENGTH) {
            throw new JmesPathException(
                    Kind.LIMIT, 0, "expected a query of at most " + MAX_LENGTH + " characters, found " + query.length());
        }
        return new JmesPath(query, new Parser(new Lexer(query).tokens()).whole());
    }

    /**
     * Asks the query of a value.
     *
     * @param value the value, hostile
     * @param budget what the search may use
     * @return the answer, {@link Json.Null} if there is none; its text is no longer than the budget's
     * @throws JmesPathException if a function is called with what it does not take, or the budget is used up
     */
    public Json search(Json value, Budget budget) throws JmesPathException {
        Json result = new Interpreter(budget).evaluate(root, value);
        // A small result in memory can be a huge text, where it holds one part many times.
        if (result.toText(budget.maxResultChars()).isEmpty()) {
            throw new JmesPathException(
                    Kind.LIMIT, root.at(), "expected a result of at most " + budget.maxResultChars() + " characters of JSON");
        }
        return result;
    }

    /**
     * Looks for what is right by the grammar and probably not meant. The meaning of the query is not touched by it.
     *
     * @return what was found, by its place; bounded by the query's length
     */
    public List<Doubt> doubts() {
        return new Doubts(query).of(root);
    }

    /**
     * The name of the field that the query looks up first in its value.
     *
     * @return the name, if the query begins with one
     */
    public Optional<String> firstField() {
        Node node = root;
        while (!node.children().isEmpty() && !(node instanceof Node.Call) && !(node instanceof Node.ListOf)
                && !(node instanceof Node.ObjectOf)) {
            node = node.children().getFirst();
        }
        return node instanceof Node.Field field ? Optional.of(field.name()) : Optional.empty();
    }

    /** {@return the query's text} */
    public String query() {
        return query;
    }

    @Override
    public String toString() {
        return query;
    }
}
