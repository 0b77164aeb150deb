package org.innerkeep.evidence.nitro;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.internal.Chain;
import org.innerkeep.evidence.internal.Verification;

/** Verifies documents of AWS Nitro Enclaves. */
public final class NitroVerifier {
    /** Register 8 is extended with the certificate that signed the image, and zero where none did. */
    private static final int SIGNING_CERTIFICATE = 8;

    private NitroVerifier() {}

    /**
     * Verifies:
     *
     * <ol>
     *   <li>the certificates are certificates;
     *   <li>they lead to a pinned root of AWS, are valid at the relying party's time, and none is on a revocation list at hand. The
     *       document's own copy of the root counts for nothing;
     *   <li>the key of the first signed the document, by ES384;
     *   <li>the document does not come from the future. Its age is a claim: only the relying party knows how old is too old;
     *   <li>it was made for the nonce that is expected, where one is.
     * </ol>
     *
     * @param signed the document
     * @param run the verification
     * @return the verdict
     */
    public static Verdict verify(NitroDocument.Signed signed, Verification run) {
        NitroDocument document = signed.document();
        Optional<X509Certificate> leaf = certificate(run, "document.certificate", document.certificate());
        List<X509Certificate> issuers = new ArrayList<>();
        for (int i = 0; i < document.caBundle().size(); i++) {
            certificate(run, "document.cabundle[" + i + "]", document.caBundle().get(i)).ifPresent(issuers::add);
        }
        Optional<Chain> chain = Optional.empty();
        if (leaf.isPresent()) {
            Chain.Rules rules = new Chain.Rules(
                    "document.certificate", run.options().roots(Maker.AWS), Set.of(), Chain.Revocation.IF_AT_HAND);
            chain = Chain.prove(run, leaf.get(), issuers, rules);
            checkSignature(run, signed, leaf.get());
        }
        checkTime(run, document);
        checkNonce(run, document);
        run.checked("Nitro document", "certificates, signature, time");
        return chain.isPresent() ? run.conclude(claims(document, chain.get())) : run.refusal();
    }

    private static Optional<X509Certificate> certificate(Verification run, String path, Bytes der) {
        try {
            return Optional.of(run.crypto().certificate(path, der));
        } catch (MalformedException e) {
            run.refuse(Code.MALFORMED, path, "other bytes (" + e.problem() + ")", "an X.509 certificate",
                    "The document was changed or forged: do not trust whoever sent it.");
            return Optional.empty();
        }
    }

    private static void checkSignature(Verification run, NitroDocument.Signed signed, X509Certificate leaf) {
        boolean right;
        try {
            PublicKey key = run.crypto().publicKey("document.certificate", Bytes.of(leaf.getPublicKey().getEncoded()));
            right = signed.envelope().signedBy(run.crypto(), key, Bytes.EMPTY);
        } catch (MalformedException e) {
            right = false;
        }
        if (!right) {
            run.refuse(Code.SIGNATURE_INVALID, "document.signature", "a signature that is not by the key of the document's certificate",
                    "a valid ES384 signature", "The document was changed or forged: do not trust whoever sent it.");
        }
    }

    private static void checkTime(Verification run, NitroDocument document) {
        if (document.issuedAt().minus(Verifier.MAX_CLOCK_AHEAD).minus(run.options().acceptedClockSkew()).isAfter(run.at())) {
            run.refuse(Code.EVIDENCE_FROM_FUTURE, "document.timestamp", document.issuedAt().toString(),
                    "at most " + Verifier.MAX_CLOCK_AHEAD.toMinutes() + " minutes after " + run.at(), "Set the clock right.");
        }
    }

    private static void checkNonce(Verification run, NitroDocument document) {
        Optional<Bytes> expected = run.expectedNonce();
        if (expected.isEmpty()) {
            run.notChecked("nonce", "no nonce is expected: the document may be replayed");
        } else if (!document.nonce().equals(expected)) {
            run.refuse(Code.NONCE_MISMATCH, "document.nonce", document.nonce().map(Bytes::shortHex).orElse("none"),
                    expected.get().shortHex(), "The document may be replayed: ask for one with a nonce of your own.");
        }
    }

    private static Claims claims(NitroDocument document, Chain chain) {
        Map<String, ClaimValue> pcrs = new LinkedHashMap<>();
        document.pcrs().forEach((index, value) -> pcrs.put(Integer.toString(index), ClaimValue.of(value)));
        Map<String, ClaimValue> details = new TreeMap<>();
        details.put("module-id", ClaimValue.of(document.moduleId()));
        details.put("pcr-digest", ClaimValue.of("sha-384"));
        details.put("pcrs", new ClaimValue.Group(pcrs));
        document.publicKey().ifPresent(value -> details.put("public-key", ClaimValue.of(value)));
        document.userData().ifPresent(value -> details.put("user-data", ClaimValue.of(value)));
        document.nonce().ifPresent(value -> details.put("nonce", ClaimValue.of(value)));
        // AWS's hypervisor keeps the memory from everybody else, the instance's owner among them, and is itself not kept out.
        details.put(Claims.MEMORY_READABLE_BY, ClaimValue.of(document.debug() ? "host" : "hypervisor"));
        return new Claims(
                "nitro-document",
                "nitro",
                Optional.of(Measurement.sha384(document.pcr(0).orElseThrow())),
                document.pcr(SIGNING_CERTIFICATE).filter(value -> !NitroDocument.isZero(value)),
                OptionalLong.empty(),
                OptionalLong.empty(),
                document.debug(),
                // What the enclave chose; the public key is a claim of its own.
                document.userData().orElse(Bytes.EMPTY),
                Optional.of(document.issuedAt()),
                Bytes.sha256(chain.root().toArray()),
                details);
    }
}
