package org.innerkeep.policy.tree;

import java.util.List;
import java.util.Optional;

/** What a rule does if its conditions hold. */
public sealed interface Action {
    /**
     * Where it stands.
     *
     * @return the place of its name
     */
    Position position();

    /**
     * {@code permit()}.
     *
     * @param position of its name
     */
    record Permit(Position position) implements Action {}

    /**
     * {@code deny()}.
     *
     * @param position of its name
     */
    record Deny(Position position) implements Action {}

    /**
     * Makes claims, such as {@code issue(type="tee", value=c.value)}: one for each value.
     *
     * @param position of its name
     * @param verb what is done with them
     * @param arguments {@code type} and {@code value} at least, each once, in the order in which they are written
     */
    record Make(Position position, Verb verb, List<Argument> arguments) implements Action {
        /** Copies the arguments. */
        public Make {
            arguments = List.copyOf(arguments);
        }

        /**
         * Finds an argument.
         *
         * @param property which
         * @return what is given for it
         */
        public Optional<Expression> argument(Property property) {
            return arguments.stream()
                    .filter(each -> each.property() == property)
                    .map(Argument::expression)
                    .findFirst();
        }
    }

    /**
     * Passes claims on as they are, such as {@code issue(claim=c)}.
     *
     * @param position of its name
     * @param verb what is done with them
     * @param identifier of a condition of the same rule: all claims that it stands for
     * @param identifierPosition where the identifier stands
     */
    record Forward(Position position, Verb verb, String identifier, Position identifierPosition) implements Action {}

    /**
     * An argument of an action.
     *
     * @param position of the property
     * @param property of the claim that is made
     * @param expression its value
     */
    record Argument(Position position, Property property, Expression expression) {}
}
