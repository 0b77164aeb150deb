package org.innerkeep.vault;

import java.time.Instant;
import java.util.Optional;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.channel.release.Challenge;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.vault.azure.IssuedChallenges;
import org.innerkeep.vault.release.FileKeyRelease;

/** The vault's challenges as text: base64url of the nonce. One that is answered in one way is answered in the other too. */
record TextChallenges(FileKeyRelease release) implements IssuedChallenges {
    @Override
    public Issued issue() {
        Challenge challenge = release.challenge();
        return new Issued(Base64Text.url(challenge.nonce().toArray()), challenge.validity());
    }

    @Override
    public Optional<Current> current(String text, Instant now) {
        try {
            Bytes nonce = Bytes.of(Base64Text.url("challenge", text));
            return release.current(nonce).map(until -> new Current(nonce, until));
        } catch (MalformedException e) {
            return Optional.empty();
        }
    }
}
