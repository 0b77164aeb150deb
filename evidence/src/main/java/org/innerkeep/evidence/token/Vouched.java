package org.innerkeep.evidence.token;

import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.internal.Verification;

/** What a service vouches for: what it says that it attested. */
sealed interface Vouched permits Attested, OwnAttested {
    /** The detail that names the service. */
    String VOUCHED_BY = "vouched-by";

    /**
     * Finds out what was attested.
     *
     * @param claims of the token
     * @return what it was, or nothing where the token does not say so in a known way, or says it of two things
     */
    static Optional<Vouched> find(JsonValue.Obj claims) {
        return OwnAttested.find(claims).or(() -> Attested.find(claims).map(Vouched.class::cast));
    }

    /**
     * Holds it against the floors that all evidence has, debug aside, which the end of every verification looks at.
     *
     * @param token the token
     * @param anchor that vouches for the service
     * @param run takes the reasons
     * @return what it claims, or nothing where it breaks its form, which is then among the reasons
     */
    Optional<Claims> prove(Token token, Bytes anchor, Verification run);
}
