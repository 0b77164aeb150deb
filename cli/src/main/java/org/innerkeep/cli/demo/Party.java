package org.innerkeep.cli.demo;

import java.util.Optional;

/**
 * Someone with a machine user of its own, where the demonstration may give one.
 *
 * @param name for folders and messages
 * @param uid its user id; empty if everybody shares the user who started the demonstration
 * @param keeper whether it is the keeper, which may switch users
 */
record Party(String name, Optional<Integer> uid, boolean keeper) {}
