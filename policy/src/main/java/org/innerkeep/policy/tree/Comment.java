package org.innerkeep.policy.tree;

/**
 * A comment.
 *
 * @param position of its first slash
 * @param text what follows the two slashes, to the end of the line
 * @param ownLine whether nothing but space stands before it on its line
 */
public record Comment(Position position, String text, boolean ownLine) {}
