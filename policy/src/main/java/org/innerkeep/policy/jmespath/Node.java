package org.innerkeep.policy.jmespath;

import java.util.List;
import java.util.OptionalInt;
import org.innerkeep.policy.json.Json;

/** The syntax tree of a query. A projection holds what it applies to each value, up to where the projection ends. */
sealed interface Node {
    /** {@return where in the query it stands, for messages} */
    int at();

    /** {@return the nodes right below} */
    default List<Node> children() {
        return switch (this) {
            case Current ignored -> List.of();
            case Field ignored -> List.of();
            case Literal ignored -> List.of();
            case Index ignored -> List.of();
            case Slice ignored -> List.of();
            case Chain chain -> List.of(chain.left, chain.right);
            case Items items -> List.of(items.left, items.right);
            case Values values -> List.of(values.left, values.right);
            case Filter filter -> List.of(filter.left, filter.condition, filter.right);
            case Flatten flatten -> List.of(flatten.left);
            case Logic logic -> List.of(logic.left, logic.right);
            case Not not -> List.of(not.operand);
            case Compare compare -> List.of(compare.left, compare.right);
            case ListOf list -> list.items;
            case ObjectOf object -> object.fields.stream().map(Entry::value).toList();
            case Call call -> call.arguments;
            case Reference reference -> List.of(reference.expression);
        };
    }

    /** {@code @}, or nothing where something could stand. */
    record Current(int at) implements Node {}

    /** A field of an object. */
    record Field(int at, String name) implements Node {}

    /** A literal in backticks or a raw string. */
    record Literal(int at, Json value) implements Node {}

    /** An item of an array, from the end if negative. */
    record Index(int at, int index) implements Node {}

    /** A part of an array; the step is not 0. */
    record Slice(int at, OptionalInt start, OptionalInt stop, int step) implements Node {}

    /** The right side over the result of the left side; a pipe also ends the projections of the left side. */
    record Chain(int at, Node left, Node right) implements Node {}

    /** The right side over each item of the left side's array. */
    record Items(int at, Node left, Node right) implements Node {}

    /** The right side over each value of the left side's object. */
    record Values(int at, Node left, Node right) implements Node {}

    /** The right side over each item of the left side's array for which the condition holds. */
    record Filter(int at, Node left, Node condition, Node right) implements Node {}

    /** The left side's array with arrays in it replaced by their items, one level. */
    record Flatten(int at, Node left) implements Node {}

    /** Both, or either. */
    record Logic(int at, boolean both, Node left, Node right) implements Node {}

    /** The contrary. */
    record Not(int at, Node operand) implements Node {}

    /** A comparison; its operator is one of the six tokens. */
    record Compare(int at, Token.Kind operator, Node left, Node right) implements Node {}

    /** An array of several expressions' results. */
    record ListOf(int at, List<Node> items) implements Node {}

    /** An object of several expressions' results. */
    record ObjectOf(int at, List<Entry> fields) implements Node {}

    /** A field of an {@link ObjectOf}. */
    record Entry(String name, Node value) {}

    /** A function's call, its number of arguments checked. */
    record Call(int at, Function function, List<Node> arguments) implements Node {}

    /** An expression as an argument. */
    record Reference(int at, Node expression) implements Node {}
}
