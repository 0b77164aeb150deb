package org.innerkeep.policy.tree;

import java.util.List;

/** Something that has a value, or a set of values. */
public sealed interface Expression {
    /**
     * Where it stands.
     *
     * @return the place of its first character
     */
    Position position();

    /**
     * Text in quotes.
     *
     * @param position where it begins
     * @param value the text itself, without quotes and escapes
     */
    record Text(Position position, String value) implements Expression {}

    /**
     * A whole number.
     *
     * @param position where it begins
     * @param value the number
     */
    record Int(Position position, long value) implements Expression {}

    /**
     * {@code true} or {@code false}.
     *
     * @param position where it begins
     * @param value which of them
     */
    record Bool(Position position, boolean value) implements Expression {}

    /**
     * A property of all claims that an identifier stands for, such as {@code c.value}: a set of values.
     *
     * @param position where it begins
     * @param identifier of a condition of the same rule
     * @param property which property
     */
    record Reference(Position position, String identifier, Property property) implements Expression {}

    /**
     * A call of a function.
     *
     * @param position of its name
     * @param function which
     * @param arguments as many as it takes
     */
    record Call(Position position, Function function, List<Expression> arguments) implements Expression {
        /** Copies the arguments. */
        public Call {
            arguments = List.copyOf(arguments);
        }
    }
}
