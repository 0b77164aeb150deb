package org.innerkeep.vault.azure;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.token.Jws;
import tools.jackson.databind.node.ObjectNode;

/**
 * Verifies the token that a release is asked for with, before any policy is looked at:
 *
 * <ol>
 *   <li>the verifier of evidence accepts it: issuer pinned, key pinned or certified, signature, times, the floors that all evidence has
 *       (debug, migration, TCB status);
 *   <li>it says when it was issued, and that was not long ago;
 *   <li>where it is meant for somebody, that is this vault;
 *   <li>its runtime data names a key that can be encrypted to;
 *   <li>its runtime data holds a challenge, where the authority's tokens need one. Whether it is this vault's and unused is decided
 *       together with the release.
 * </ol>
 *
 * <p>Immutable, safe for use by several threads.
 */
final class AssertionVerifier {
    private static final StrictJson JSON = StrictJson.upTo(Jws.MAX_BYTES);
    private static final int MAX_CHALLENGE = 128;

    /** 32 bytes in base64url; encoded once more they are longer. */
    private static final Pattern CHALLENGE = Pattern.compile("[A-Za-z0-9_-]{43}");

    private final List<Authority> authorities;
    private final Settings settings;
    private final Verifier verifier;

    /**
     * What is accepted of every authority.
     *
     * @param audience what {@code aud} must hold where a token has one: this vault's address
     * @param maxAge of a token, from its {@code iat}
     * @param clockSkew how far clocks may be apart
     * @param debugAllowed whether environments that can be debugged are left to the policy; refused where not
     * @param acceptedTcb statuses besides {@code UpToDate} that are left to the policy
     */
    record Settings(String audience, Duration maxAge, Duration clockSkew, boolean debugAllowed, List<TcbStatus> acceptedTcb) {
        Settings {
            acceptedTcb = List.copyOf(acceptedTcb);
        }
    }

    AssertionVerifier(List<Authority> authorities, Settings settings, Verifier verifier) {
        this.authorities = List.copyOf(authorities);
        this.settings = settings;
        this.verifier = verifier;
    }

    /**
     * Verifies.
     *
     * @param token hostile text
     * @param at the vault's time
     * @return what it says
     * @throws AssertionRefusedException if it is not accepted, with every reason found
     */
    Assertion verify(String token, Instant at) throws AssertionRefusedException {
        byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
        ObjectNode claims = unverified(bytes);
        Optional<Authority> named = issuer(claims);
        Verdict verdict = verdict(bytes, claims, named, at);
        if (named.isPresent() && keysMayBeNew(named.get(), verdict)) {
            verdict = verdict(bytes, claims, named, at);
        }
        switch (verdict) {
            case Verdict.Accepted accepted -> {
                if (!accepted.claims().kind().equals("token")) {
                    throw new AssertionRefusedException(List.of("target: expected an attestation token, found other evidence"));
                }
            }
            case Verdict.Refused refused -> throw new AssertionRefusedException(lines(refused.reasons()));
            case Verdict.Undecided undecided -> throw new AssertionRefusedException(lines(undecided.reasons()));
        }
        try {
            return accepted(claims, at, Bytes.sha256(bytes));
        } catch (MalformedException e) {
            throw new AssertionRefusedException(List.of(String.valueOf(e.getMessage())));
        }
    }

    /** The claims as they stand, to be relied on only after the bytes were verified. */
    private static ObjectNode unverified(byte[] bytes) throws AssertionRefusedException {
        try {
            return JSON.object("target claims", Jws.parse(bytes).payload().toArray());
        } catch (MalformedException e) {
            throw new AssertionRefusedException(List.of("target: expected an attestation token, a signed JWT: " + e.getMessage()));
        }
    }

    /** By what pins the authority that the token names, and no other is asked for its keys: one that is down keeps only its own waiting. */
    private Verdict verdict(byte[] token, ObjectNode claims, Optional<Authority> named, Instant at) {
        List<TokenIssuer> anchors = named.map(Authority::anchors).orElse(List.of());
        Endorsements endorsements = named.map(Authority::endorsements).orElse(Endorsements.none());
        if (anchors.isEmpty()) {
            return verifier.verify(token, endorsements, at, options(List.of(), claims));
        }
        Verdict verdict = verifier.verify(token, endorsements, at, options(anchors.subList(0, 1), claims));
        for (TokenIssuer each : anchors.subList(1, anchors.size())) {
            if (!(verdict instanceof Verdict.Accepted)) {
                return verdict;
            }
            verdict = verifier.verify(token, endorsements, at, options(List.of(each), claims));
        }
        return verdict;
    }

    private VerifierOptions options(List<TokenIssuer> anchors, ObjectNode claims) {
        VerifierOptions options = VerifierOptions.of(anchors)
                .clockSkew(settings.clockSkew())
                .acceptTcb(settings.acceptedTcb().toArray(new TcbStatus[0]));
        if (settings.debugAllowed()) {
            options = options.allowDebug();
        }
        return claims.has("aud") ? options.audience(settings.audience()) : options;
    }

    /** A key that is not among those of the authority: it may have begun to sign with a new one. */
    private static boolean keysMayBeNew(Authority authority, Verdict verdict) {
        List<Reason> reasons = switch (verdict) {
            case Verdict.Accepted accepted -> List.of();
            case Verdict.Refused refused -> refused.reasons();
            case Verdict.Undecided undecided -> undecided.reasons();
        };
        return reasons.stream().anyMatch(each -> each.path().equals("token.kid")) && authority.keyUnknown();
    }

    private Optional<Authority> issuer(ObjectNode claims) {
        String issuer = claims.path("iss").stringValue("");
        return authorities.stream().filter(each -> each.issuer().equals(issuer)).findFirst();
    }

    private Assertion accepted(ObjectNode claims, Instant at, Bytes digest) throws MalformedException, AssertionRefusedException {
        Authority authority = issuer(claims)
                .orElseThrow(() -> new AssertionRefusedException(List.of("target iss: expected the issuer that was verified")));
        List<String> reasons = new ArrayList<>();
        if (!claims.path("iat").isNumber()) {
            throw new AssertionRefusedException(List.of("target iat: expected when the token was issued, found nothing:"
                    + " without it, nobody knows how old it is"));
        }
        Instant issuedAt = Instant.ofEpochSecond(claims.path("iat").decimalValue().longValue());
        if (at.isAfter(issuedAt.plus(settings.maxAge()).plus(settings.clockSkew()))) {
            reasons.add("target iat: issued at " + issuedAt + ", expected at most " + settings.maxAge().toSeconds()
                    + " seconds before " + at + ": have the environment attested again");
        }
        Optional<String> challenge = challenge(claims, authority.challengeNeeded());
        if (challenge.isEmpty() && authority.challengeNeeded()) {
            reasons.add("target x-ms-runtime.nonce: expected a challenge of this vault in the attested runtime data, found none:"
                    + " get one by POST /challenges, put it there, and attest");
        }
        if (!reasons.isEmpty()) {
            throw new AssertionRefusedException(reasons);
        }
        return new Assertion(authority, claims, TargetKey.of(claims), challenge, issuedAt, digest);
    }

    /**
     * The challenge: {@code x-ms-runtime.nonce}. A nonce that stands elsewhere in the token was not in what the evidence was made over. That
     * holds, as far as is known, for what Azure's guests put under {@code x-ms-runtime.client-payload.nonce} too, whose values are base64
     * of text: it is looked at only where no challenge is needed, so that a token with it works once all the same.
     */
    private static Optional<String> challenge(ObjectNode claims, boolean needed) {
        Stream<String> own = text(claims.path("x-ms-runtime").path("nonce").stringValue(""));
        if (needed) {
            return own.findFirst();
        }
        Stream<String> guests = text(claims.path("x-ms-runtime").path("client-payload").path("nonce").stringValue(""))
                .map(AssertionVerifier::decoded);
        return Stream.concat(own, guests).findFirst();
    }

    private static Stream<String> text(String text) {
        return text.isEmpty() || text.length() > MAX_CHALLENGE ? Stream.empty() : Stream.of(text);
    }

    /** A challenge is itself text that may be base64: whichever of both looks like a challenge is one. */
    private static String decoded(String text) {
        if (CHALLENGE.matcher(text).matches()) {
            return text;
        }
        try {
            return new String(Base64.getDecoder().decode(text), StandardCharsets.US_ASCII);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static List<String> lines(List<Reason> reasons) {
        return reasons.stream().map(Reason::toString).toList();
    }
}
