package org.innerkeep.vault.azure;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.innerkeep.attestation.http.KeySetFetch;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.token.Jwk;

/**
 * An authority whose key set is fetched from an https address that the vault's operator named, never from one that a token names. It is
 * fetched again once a day, and when a token names a key that is not in it, at most once a minute. Where a root is pinned too, only keys
 * that are in the set and that it certified count.
 *
 * <p>Safe for use by several threads.
 */
public final class PublishedAuthority implements Authority {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration RETRY_AFTER = Duration.ofMinutes(1);
    private static final Duration FETCH_AFTER = Duration.ofDays(1);

    private final String name;
    private final String issuer;
    private final URI keys;
    private final Optional<X509Certificate> root;
    private final boolean challengeNeeded;
    private final KeySetFetch fetch;
    private final InstantSource clock;
    private final ReentrantLock fetching = new ReentrantLock();
    private final Object state = new Object();
    private Optional<Bytes> set = Optional.empty();
    private Instant triedAt = Instant.MIN;
    private Instant fetchedAt = Instant.MIN;
    private boolean wanted = true;

    /**
     * Names an authority. Nothing is fetched yet.
     *
     * @param name what it is called
     * @param issuer the {@code iss} of its tokens, exactly
     * @param keys the https address of its JSON Web Key Set
     * @param root the root of its keys' certificates; without one, whoever answers for the address is believed
     * @param challengeNeeded whether tokens need a challenge of this vault
     * @param client that fetches, and follows no redirects
     * @param clock of the vault
     * @throws IllegalArgumentException if the address is not https, or the client follows redirects
     */
    public PublishedAuthority(
            String name,
            String issuer,
            URI keys,
            Optional<X509Certificate> root,
            boolean challengeNeeded,
            HttpClient client,
            InstantSource clock) {
        if (!"https".equals(keys.getScheme())) {
            throw new IllegalArgumentException("keys of authority " + name + ": expected an https address, found " + keys);
        }
        this.name = name;
        this.issuer = issuer;
        this.keys = keys;
        this.root = root;
        this.challengeNeeded = challengeNeeded;
        // Everyone who asks for a key waits for this.
        this.fetch = new KeySetFetch(client, TIMEOUT);
        this.clock = clock;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String issuer() {
        return issuer;
    }

    @Override
    public boolean challengeNeeded() {
        return challengeNeeded;
    }

    /** The set that it publishes; where a root is pinned, that as well: a key that the authority took back has its certificate still. */
    @Override
    public List<TokenIssuer> anchors() {
        try {
            Optional<Bytes> known = set();
            if (known.isEmpty()) {
                return List.of();
            }
            TokenIssuer published = TokenIssuer.of(issuer, known.get().toArray());
            return root.isPresent() ? List.of(TokenIssuer.root(issuer, root.get()), published) : List.of(published);
        } catch (MalformedException e) {
            return List.of();
        }
    }

    @Override
    public Endorsements endorsements() {
        return need -> need instanceof Need.TokenKeys token && token.issuer().equals(issuer)
                ? new Endorsements.Answer(set().stream().toList(), List.of())
                : new Endorsements.Answer(List.of(), List.of());
    }

    @Override
    public boolean keyUnknown() {
        synchronized (state) {
            wanted = true;
            return passed(triedAt, RETRY_AFTER, clock.instant());
        }
    }

    /** One fetches at a time. The others take the set that there is meanwhile, and wait only where there is none yet. */
    private Optional<Bytes> set() {
        Optional<Bytes> known = known();
        if (known.isEmpty()) {
            fetching.lock();
        } else if (!fetching.tryLock()) {
            return known;
        }
        try {
            if (due()) {
                fetch().ifPresent(this::keep);
            }
            return known();
        } finally {
            fetching.unlock();
        }
    }

    private Optional<Bytes> known() {
        synchronized (state) {
            return set;
        }
    }

    private boolean due() {
        synchronized (state) {
            Instant now = clock.instant();
            boolean due = (wanted || passed(fetchedAt, FETCH_AFTER, now)) && passed(triedAt, RETRY_AFTER, now);
            if (due) {
                triedAt = now;
                // Who misses a key while this is under way asks for another fetch.
                wanted = false;
            }
            return due;
        }
    }

    private void keep(Bytes found) {
        synchronized (state) {
            set = Optional.of(found);
            fetchedAt = triedAt;
        }
    }

    /** Also where the clock was set back. */
    private static boolean passed(Instant since, Duration time, Instant now) {
        return now.isBefore(since) || now.minus(time).isAfter(since);
    }

    /** The old set stays while there is no new one: what it holds was the authority's, and tokens are young. */
    private Optional<Bytes> fetch() {
        try {
            byte[] found = fetch.fetch(keys);
            return Jwk.parseSet(found).isEmpty() ? Optional.empty() : Optional.of(Bytes.of(found));
        } catch (IOException | MalformedException e) {
            return Optional.empty();
        }
    }

    /** {@return its name and address} */
    @Override
    public String toString() {
        return name + " (" + keys + ")";
    }
}
