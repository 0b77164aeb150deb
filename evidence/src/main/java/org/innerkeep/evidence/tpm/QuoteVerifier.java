package org.innerkeep.evidence.tpm;

import java.nio.ByteOrder;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.internal.ByteWriter;
import org.innerkeep.evidence.internal.Verification;

/** Verifies quotes by a key. Whether that key is to be trusted is not decided here. */
public final class QuoteVerifier {
    private static final String FRESH = "Ask for a fresh quote; if it stays so, do not trust whoever sent it.";

    /** TPM_RH_OWNER, TPM_RH_NULL, TPM_RH_ENDORSEMENT, TPM_RH_PLATFORM. */
    private static final List<Long> HIERARCHIES = List.of(0x40000001L, 0x40000007L, 0x4000000bL, 0x4000000cL);

    private QuoteVerifier() {}

    /**
     * Verifies:
     *
     * <ol>
     *   <li>what the key may do: sign, nothing but what its TPM says, and never outside of it. The evidence says so itself: it is true
     *       as far as whoever certified or pinned the key saw to it;
     *   <li>the signature of each quote, by the only scheme that the key allows;
     *   <li>no SHA-1, unless that floor was lifted;
     *   <li>the digest of each quote, over exactly the registers it selects, in its order;
     *   <li>no value is given that no quote covers, else it would count without proof (CVE-2022-0317);
     *   <li>all quotes are of one TPM, one run of it, and one nonce;
     *   <li>the nonce is the expected one.
     * </ol>
     *
     * @param run the verification
     * @param quotes at least one
     * @param key the attestation key
     * @param pcrs the values that the evidence gives
     */
    public static void verify(Verification run, List<SignedQuote> quotes, AttestationKey key, PcrValues pcrs) {
        key.template().ifPresent(template -> checkAttributes(run, template));
        Optional<PublicKey> publicKey = publicKey(run, key);
        for (SignedQuote each : quotes) {
            Optional<TpmSignature> signature = publicKey.flatMap(known -> checkSignature(run, each, key, known));
            checkAlgorithms(run, each, signature);
            signature.ifPresent(known -> checkDigest(run, each, known.hash(), pcrs));
        }
        checkCoverage(run, quotes, pcrs);
        checkOneRun(run, quotes);
        checkNonce(run, quotes.getFirst().quote().extraData());
        run.checked("TPM quote", quotes.size() + " signed by the attestation key, over " + pcrs.banks().keySet().stream()
                .map(TpmHash::claimName).toList());
    }

    private static void checkAttributes(Verification run, TpmPublic template) {
        long wanted = TpmPublic.FIXED_TPM | TpmPublic.FIXED_PARENT | TpmPublic.SENSITIVE_DATA_ORIGIN | TpmPublic.RESTRICTED | TpmPublic.SIGN;
        if (!template.has(wanted) || template.has(TpmPublic.DECRYPT)) {
            run.refuse(
                    Code.ALGORITHM_WEAK,
                    "ak-public.objectAttributes",
                    String.format("0x%08x", template.attributes()),
                    "a key that is fixed to its TPM, was made by it, is restricted, signs and does not decrypt",
                    "Other keys sign forged quotes: have the machine make a proper attestation key.");
        }
    }

    private static Optional<PublicKey> publicKey(Verification run, AttestationKey key) {
        try {
            return Optional.of(run.crypto().publicKey("ak-public", key.spki()));
        } catch (MalformedException e) {
            run.refuse(Code.ALGORITHM_WEAK, "ak-public", "another key (" + e.problem() + ")",
                    "RSA of 2048 bits or more, or a point on P-256, P-384 or P-521", "Have the machine make another attestation key.");
            return Optional.empty();
        }
    }

    private static Optional<TpmSignature> checkSignature(Verification run, SignedQuote quote, AttestationKey key, PublicKey publicKey) {
        String path = quote.label() + ".signature";
        TpmSignature signature;
        try {
            signature = TpmSignature.parse(quote.signature().toArray(), publicKey, key.template());
        } catch (MalformedException e) {
            run.refuse(Code.MALFORMED, path, e, FRESH);
            return Optional.empty();
        }
        boolean schemeFits = key.template()
                .map(TpmPublic::scheme)
                .map(scheme -> scheme.algorithm() == signature.scheme().id() && scheme.hash() == signature.hash().id())
                .orElse(true);
        if (!schemeFits) {
            run.refuse(Code.SIGNATURE_INVALID, path, signature.scheme() + " with " + signature.hash().jcaName(),
                    "the scheme that is fixed in the attestation key", FRESH);
        } else if (!signature.verifies(run.crypto(), publicKey, quote.message().toArray())) {
            run.refuse(Code.SIGNATURE_INVALID, path, "a signature that is not by the attestation key", "a valid signature", FRESH);
        }
        return Optional.of(signature);
    }

    private static void checkAlgorithms(Verification run, SignedQuote quote, Optional<TpmSignature> signature) {
        if (run.options().sha1Allowed()) {
            return;
        }
        String remedy = "Quote a SHA-256 bank with a key for SHA-256, or accept SHA-1 by name.";
        if (signature.isPresent() && signature.get().hash() == TpmHash.SHA1) {
            run.refuse(Code.ALGORITHM_WEAK, quote.label() + ".signature", "SHA-1", "SHA-256 or longer", remedy);
        }
        if (quote.quote().selections().stream().anyMatch(each -> each.bank() == TpmHash.SHA1)) {
            run.refuse(Code.ALGORITHM_WEAK, quote.label() + ".pcrSelect", "the SHA-1 bank", "the SHA-256 bank or a longer one", remedy);
        }
    }

    private static void checkDigest(Verification run, SignedQuote quote, TpmHash hash, PcrValues pcrs) {
        List<Bytes> selected = new ArrayList<>();
        for (PcrSelection selection : quote.quote().selections()) {
            for (int register : selection.registers()) {
                Optional<Bytes> value = pcrs.find(selection.bank(), register);
                if (value.isEmpty()) {
                    run.refuse(Code.REGISTERS_MISMATCH, "pcrs", "no value of PCR " + register + " in the bank "
                            + selection.bank().claimName(), "the value of each register that was quoted", FRESH);
                    return;
                }
                selected.add(value.get());
            }
        }
        if (selected.isEmpty()) {
            run.refuse(Code.REGISTERS_MISMATCH, quote.label() + ".pcrSelect", "no registers", "at least one register", FRESH);
            return;
        }
        Bytes digest = hash.digest(selected);
        if (!digest.equals(quote.quote().pcrDigest())) {
            run.refuse(Code.REGISTERS_MISMATCH, quote.label() + ".pcrDigest", "values with the digest " + digest.shortHex(),
                    "values with the quoted digest " + quote.quote().pcrDigest().shortHex(), FRESH);
        }
    }

    private static void checkCoverage(Verification run, List<SignedQuote> quotes, PcrValues pcrs) {
        record Register(TpmHash bank, int number) {}
        Set<Register> quoted = new HashSet<>();
        for (SignedQuote each : quotes) {
            for (PcrSelection selection : each.quote().selections()) {
                selection.registers().forEach(number -> quoted.add(new Register(selection.bank(), number)));
            }
        }
        pcrs.banks().forEach((bank, values) -> {
            List<Integer> unproven = values.keySet().stream().filter(number -> !quoted.contains(new Register(bank, number))).toList();
            if (!unproven.isEmpty()) {
                run.refuse(Code.REGISTERS_MISMATCH, "pcrs", "values of registers " + unproven + " in the bank " + bank.claimName()
                        + " that were not quoted", "values of quoted registers only", FRESH);
            }
        });
    }

    private static void checkOneRun(Verification run, List<SignedQuote> quotes) {
        TpmQuote first = quotes.getFirst().quote();
        for (SignedQuote each : quotes) {
            TpmQuote other = each.quote();
            if (!other.extraData().equals(first.extraData())) {
                run.refuse(Code.NONCE_MISMATCH, each.label() + ".extraData", other.extraData().shortHex(),
                        first.extraData().shortHex() + ", as in the first quote", FRESH);
            }
            if (other.resetCount() != first.resetCount()
                    || other.restartCount() != first.restartCount()
                    || other.firmwareVersion() != first.firmwareVersion()
                    || !other.qualifiedSigner().equals(first.qualifiedSigner())) {
                run.refuse(Code.BINDING_MISMATCH, each.label(), "a quote of another key or another run of the machine than the first",
                        "quotes of one run", FRESH);
            }
        }
    }

    private static void checkNonce(Verification run, Bytes nonce) {
        Optional<Bytes> expected = run.expectedNonce();
        if (expected.isPresent()) {
            if (!expected.get().equals(nonce)) {
                run.refuse(Code.NONCE_MISMATCH, "quote.extraData", nonce.length() == 0 ? "an empty nonce" : nonce.shortHex(),
                        expected.get().shortHex(), "The quote was made for something else and may be replayed: ask for a fresh one.");
            }
        } else {
            run.notChecked("nonce", nonce.length() == 0
                    ? "the quote has none: it may be replayed"
                    : "no value is expected: without one, a quote may be replayed");
        }
    }

    /**
     * The claims that quotes make.
     *
     * @param quotes verified by {@link #verify}
     * @param key the attestation key
     * @param pcrs the values
     * @return by name
     */
    public static Map<String, ClaimValue> claims(List<SignedQuote> quotes, AttestationKey key, PcrValues pcrs) {
        TpmQuote quote = quotes.getFirst().quote();
        Map<String, ClaimValue> details = new TreeMap<>(Map.of(
                "pcrs", pcrs.toClaim(),
                "pcr-digests", new ClaimValue.Many(quotes.stream().map(each -> ClaimValue.of(each.quote().pcrDigest())).toList()),
                "ak-id", ClaimValue.of(Bytes.sha256(key.spki().toArray())),
                "tpm-qualified-signer", ClaimValue.of(quote.qualifiedSigner()),
                "tpm-firmware-version", ClaimValue.of(String.format("%016x", quote.firmwareVersion())),
                "tpm-clock", ClaimValue.of(Long.toUnsignedString(quote.clock())),
                "tpm-clock-safe", ClaimValue.of(quote.safe()),
                "tpm-reset-count", ClaimValue.of(quote.resetCount()),
                "tpm-restart-count", ClaimValue.of(quote.restartCount())));
        key.template()
                .filter(template -> isNameOfPrimaryKey(quote.qualifiedSigner(), template))
                .ifPresent(template -> details.put("ak-name", ClaimValue.of(template.name())));
        return details;
    }

    /**
     * Whether the qualified name that the TPM signs is that of a primary key with this public area (Part 1, 16.6): then all of the public
     * area is proven. Of a key below another one it is not known what the qualified name must be.
     */
    private static boolean isNameOfPrimaryKey(Bytes qualifiedSigner, TpmPublic template) {
        return HIERARCHIES.stream().anyMatch(hierarchy -> {
            byte[] handle = new ByteWriter(ByteOrder.BIG_ENDIAN).u32(hierarchy).toByteArray();
            Bytes digest = template.nameHash().digest(handle, template.name().toArray());
            return qualifiedSigner.hex().equals(String.format("%04x", template.nameHash().id()) + digest.hex());
        });
    }
}
