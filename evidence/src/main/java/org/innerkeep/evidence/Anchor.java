package org.innerkeep.evidence;

/**
 * The key that a relying party pins for one kind of evidence. Without one nothing of that kind is trusted. Each kind of
 * evidence has its own kind of anchor, so that a key pinned for one can never vouch for another. An anchor always comes from the
 * relying party and never from the evidence.
 */
public sealed interface Anchor permits KeeperAnchor, MakerRoot, AttesterKey, TokenIssuer {
    /** {@return SHA-256 of the key's SubjectPublicKeyInfo, 32 bytes} */
    Bytes id();
}
