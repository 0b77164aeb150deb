package org.innerkeep.policy.tree;

/**
 * A comparison of a claim's property with something.
 *
 * @param position of the property
 * @param property of the claim that is looked at
 * @param operator how it is compared
 * @param expression with what
 */
public record Comparison(Position position, Property property, Operator operator, Expression expression) {}
