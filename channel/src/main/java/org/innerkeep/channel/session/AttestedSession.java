package org.innerkeep.channel.session;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.innerkeep.channel.internal.Deadline;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.Verdict;

/**
 * A TLS 1.3 session between a client and an enclave that the client has appraised, freshly and for this very session. For
 * the client a session that exists proves: an enclave that the {@link Appraiser} accepts, running now, holds the other end
 * of these keys. Whoever carries the bytes can cut them off or delay them, which is reported or felt, but cannot read,
 * change, replay or redirect them. The client itself is not authenticated; see {@link #binding}.
 *
 * <p>How a session begins:
 * <ol>
 *   <li>TLS handshake. The enclave's certificate carries evidence for its key (RA-TLS). The client appraises it as
 *       {@link Appraiser.Purpose#CERTIFICATE} and ends the handshake with an alert if it is refused.
 *   <li>The client sends 32 random bytes.
 *   <li>The enclave answers with fresh evidence, preceded by its length as four bytes, big-endian. Its report data is
 *       {@code ReportData.of(ReportData.SESSION, nonce, exporter, SHA-256 of the key)}, where exporter is the TLS
 *       exporter value (RFC 8446 section 7.5) of 32 bytes with the label {@code EXPORTER-innerkeep-session-v1}.
 *   <li>The client appraises it as {@link Appraiser.Purpose#SESSION} and checks that both pieces of evidence are of the
 *       same enclave. Only then does it return a session.
 * </ol>
 *
 * <p>Sessions are never resumed and have no early data. The application protocol (ALPN) is {@code innerkeep-session-v1}.
 *
 * <p>One thread may read while another writes. The transport is a channel in blocking mode, TCP or Unix-domain, that
 * belongs to the session from the call of {@link #accept} or {@link #connect} on, also if that fails; closing it must
 * free threads that wait on it, as every {@link java.nio.channels.InterruptibleChannel} promises. Virtual threads are
 * welcome.
 */
public final class AttestedSession implements AutoCloseable {
    /** The most bytes of evidence that an enclave may answer with. */
    public static final int MAX_EVIDENCE_BYTES = 64 * 1024;

    private static final int NONCE_BYTES = 32;

    /** Of one enclave, both pieces of evidence say the same here. The anchor of a token is its service; what that saw has its own. */
    private static final List<String> SAME = List.of("enclave-id", Claims.ATTESTED_KIND, Claims.ATTESTED_ANCHOR);

    private static final String SESSION_LABEL = "EXPORTER-innerkeep-session-v1";
    private static final String BINDING_LABEL = "EXPORTER-innerkeep-binding-v1";

    private final TlsChannel tls;
    private final byte[] binding;
    private final Optional<Claims> claims;
    private final TlsStreams streams;

    private AttestedSession(TlsChannel tls, Optional<Claims> claims) throws SSLException {
        this.tls = tls;
        this.streams = new TlsStreams(tls);
        this.binding = tls.exporter(BINDING_LABEL);
        this.claims = claims;
    }

    /**
     * The enclave's end. Returns once the evidence is sent; whether the client is content shows in its first byte.
     *
     * @param transport to the client, usually through the host; everything that comes from it is hostile
     * @param key the enclave's key
     * @param attester signs for this enclave; called once, after the handshake
     * @param limit for everything until the session exists, more than zero
     * @return the session
     * @throws java.net.SocketTimeoutException if the limit has passed
     * @throws IOException if the client does not follow the protocol, or the transport or the attester fails
     */
    public static AttestedSession accept(ByteChannel transport, SessionKey key, Attester attester, Duration limit)
            throws IOException {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(attester, "attester");
        return begin(
                transport,
                Tls.engine(key.newContext(), false),
                limit,
                (tls, protocol) -> attest(tls, protocol, key, attester));
    }

    /** The enclave's part after the handshake: answers the client's nonce with fresh evidence. */
    static AttestedSession attest(TlsChannel tls, String protocol, SessionKey key, Attester attester) throws IOException {
        requireSessionProtocol(protocol);
        byte[] nonce = readFully(tls, NONCE_BYTES, "nonce");
        byte[] evidence = attester.attest(reportData(tls, nonce, key.id()));
        if (evidence.length == 0 || evidence.length > MAX_EVIDENCE_BYTES) {
            throw new IOException("the platform's evidence has " + evidence.length
                    + " bytes, but a session carries 1 to " + MAX_EVIDENCE_BYTES);
        }
        byte[] message = ByteBuffer.allocate(Integer.BYTES + evidence.length)
                .putInt(evidence.length)
                .put(evidence)
                .array();
        tls.write(message, 0, message.length);
        return new AttestedSession(tls, Optional.empty());
    }

    private static void requireSessionProtocol(String protocol) throws SSLException {
        if (!Tls.APPLICATION_PROTOCOL.equals(protocol)) {
            throw new SSLException("expected the application protocol " + Tls.APPLICATION_PROTOCOL + ", the peer speaks otherwise");
        }
    }

    /**
     * The client's end. Returns once the enclave is appraised; no byte of the application can be sent before.
     *
     * @param transport to the enclave, usually through its host
     * @param appraiser decides, twice: about the certificate's evidence and about the session's
     * @param random makes the nonce and the secrets of the session
     * @param limit for everything until the session exists, more than zero; an appraisal that is under way when it passes is not
     *     interrupted, and the session fails when it returns
     * @return the session
     * @throws SessionRefusedException if evidence is missing, wrong or refused, with every reason
     * @throws java.net.SocketTimeoutException if the limit has passed
     * @throws IOException if the other end does not follow the protocol, or the transport fails
     */
    public static AttestedSession connect(
            ByteChannel transport, Appraiser appraiser, SecureRandom random, Duration limit) throws IOException {
        Objects.requireNonNull(appraiser, "appraiser");
        Objects.requireNonNull(random, "random");
        EvidenceTrustManager trust = new EvidenceTrustManager(appraiser);
        SSLEngine engine = Tls.engine(Tls.client(trust, random), true);
        return begin(transport, engine, limit, (tls, protocol) -> {
            requireSessionProtocol(protocol);
            // Empty if TLS took the peer for known: then nothing was appraised, and nothing is accepted.
            EvidenceTrustManager.Accepted certificate = trust.accepted()
                    .orElseThrow(() -> new SSLException("the enclave showed no certificate in this handshake"));
            byte[] nonce = new byte[NONCE_BYTES];
            random.nextBytes(nonce);
            tls.write(nonce, 0, nonce.length);
            byte[] evidence = readEvidence(tls);
            Verdict verdict = EvidenceTrustManager.appraise(
                    appraiser, evidence, reportData(tls, nonce, certificate.keyId()), Appraiser.Purpose.SESSION);
            return switch (verdict) {
                case Verdict.Refused refusal -> throw new SessionRefusedException(Appraiser.Purpose.SESSION, refusal);
                case Verdict.Undecided undecided ->
                    throw new SessionRefusedException(Appraiser.Purpose.SESSION, undecided.asRefused());
                case Verdict.Accepted accepted -> {
                    checkSameEnclave(certificate.claims(), accepted.claims());
                    yield new AttestedSession(tls, Optional.of(accepted.claims()));
                }
            };
        });
    }

    /** What follows the handshake, within the same limit. */
    @FunctionalInterface
    interface Continuation<T> {
        /**
         * Goes on.
         *
         * @param tls the session
         * @param protocol what both ends speak (ALPN), empty where the client named nothing
         * @return what came of it
         */
        T after(TlsChannel tls, String protocol) throws IOException;
    }

    /** Performs the handshake and what follows it within a limit; afterwards there is a result or no connection. */
    static <T> T begin(ByteChannel transport, SSLEngine engine, Duration limit, Continuation<T> continuation) throws IOException {
        TlsChannel tls = new TlsChannel(transport, engine);
        Deadline deadline = Deadline.start(limit, transport);
        boolean begun = false;
        try {
            tls.handshake();
            if (!engine.getSession().getProtocol().equals(Tls.VERSION)) {
                throw new SSLException("expected " + Tls.VERSION + ", the peer speaks otherwise");
            }
            T result = continuation.after(tls, engine.getApplicationProtocol());
            begun = deadline.meet();
            if (!begun) {
                throw new SSLException("finished too late");
            }
            return result;
        } catch (IOException e) {
            if (deadline.missed()) {
                throw deadline.timeout("attested session: the peer did not finish the handshake", e);
            }
            throw refusalBehind(e).orElse(e);
        } finally {
            if (!begun) {
                tls.abort();
            }
            deadline.close();
        }
    }

    /** JSSE reports what a trust manager throws as a cause, some levels deep. */
    private static Optional<IOException> refusalBehind(IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SessionRefusedException refusal) {
                return Optional.of(refusal);
            }
        }
        return Optional.empty();
    }

    private static byte[] reportData(TlsChannel tls, byte[] nonce, Bytes keyId) throws SSLException {
        return ReportData.of(ReportData.SESSION, nonce, tls.exporter(SESSION_LABEL), keyId.toArray());
    }

    private static byte[] readEvidence(TlsChannel tls) throws IOException {
        int length = ByteBuffer.wrap(readFully(tls, Integer.BYTES, "length of the evidence")).getInt();
        if (length < 1 || length > MAX_EVIDENCE_BYTES) {
            throw new SessionRefusedException(
                    Appraiser.Purpose.SESSION,
                    new Verdict.Refused(List.of(new Reason(
                            Reason.Code.MALFORMED,
                            "session.evidence",
                            Integer.toUnsignedString(length) + " bytes announced",
                            "1 to " + MAX_EVIDENCE_BYTES,
                            "Check that the address is that of an enclave"))));
        }
        return readFully(tls, length, "evidence");
    }

    private static byte[] readFully(TlsChannel tls, int length, String what) throws IOException {
        byte[] bytes = new byte[length];
        for (int at = 0; at < length; ) {
            int count = tls.read(bytes, at, length - at);
            if (count < 0) {
                throw new SSLException("attested session: the peer closed before its " + what + " was complete");
            }
            at += count;
        }
        return bytes;
    }

    /** Fresh evidence of one enclave must not vouch for the certificate of another, however alike both are. */
    private static void checkSameEnclave(Claims certificate, Claims session) throws SessionRefusedException {
        List<Reason> reasons = new ArrayList<>();
        if (!certificate.measurement().equals(session.measurement())) {
            reasons.add(different(
                    Reason.Code.MEASUREMENT_MISMATCH,
                    "measurement",
                    session.measurement().map(Object::toString).orElse("none"),
                    certificate.measurement().map(Object::toString).orElse("none")));
        }
        if (!certificate.anchor().equals(session.anchor())) {
            reasons.add(different(
                    Reason.Code.REPORT_DATA_MISMATCH, "anchor", session.anchor().hex(), certificate.anchor().hex()));
        }
        for (String name : SAME) {
            String before = certificate.text(name).orElse("none");
            String now = session.text(name).orElse("none");
            if (!before.equals(now)) {
                reasons.add(different(Reason.Code.REPORT_DATA_MISMATCH, name, now, before));
            }
        }
        if (!reasons.isEmpty()) {
            throw new SessionRefusedException(Appraiser.Purpose.SESSION, new Verdict.Refused(reasons));
        }
    }

    private static Reason different(Reason.Code code, String claim, String found, String wanted) {
        return new Reason(
                code,
                "session." + claim,
                found,
                wanted + " as in the certificate",
                "Two enclaves answered as one: the session was relayed, do not trust this host");
    }

    /**
     * What the application reads. After the peer's close_notify it ends. If the transport ends without one, reading fails:
     * the end of the stream may have been cut off. Closing it closes the session.
     *
     * @return the same stream each time
     */
    public InputStream input() {
        return streams.input();
    }

    /**
     * What the application writes. Each write is encrypted and sent at once, so small ones belong into a
     * {@link java.io.BufferedOutputStream}; large ones go out in records of 16 KiB without another copy. Closing it tells
     * the peer that nothing more follows and leaves the other direction open.
     *
     * @return the same stream each time
     */
    public OutputStream output() {
        return streams.output();
    }

    /**
     * A value that is unique to this session and equal at both its ends, for applications that bind something to the
     * session: whoever signs it, signs for this session and no other. It is no secret of the application and must not
     * serve as a key. TLS exporter value (RFC 8446 section 7.5), label {@code EXPORTER-innerkeep-binding-v1}.
     *
     * @return 32 bytes, a new array
     */
    public byte[] binding() {
        return binding.clone();
    }

    /**
     * What is proven about the enclave, from its fresh evidence.
     *
     * @return the claims
     * @throws IllegalStateException at the enclave's end, which appraises nobody
     */
    public Claims claims() {
        return claims.orElseThrow(() -> new IllegalStateException("claims are known at the client's end only"));
    }

    /**
     * Ends the session: tells the peer that nothing more follows, unless it does not take that within a second, then
     * closes the transport. Threads that read or write fail. Bytes that the peer has sent and nobody has read may make
     * the operating system reset the connection, and the peer lose what was sent last; to end without loss, close the
     * output first and read to the end.
     */
    @Override
    public void close() throws IOException {
        tls.close();
    }
}
