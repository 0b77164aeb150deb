package org.innerkeep.makers;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.azure.AzureEvidence;
import org.innerkeep.evidence.azure.HclReport;
import org.innerkeep.evidence.eventlog.EventLog;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.tpm.PcrSelection;
import org.innerkeep.evidence.tpm.PcrValues;
import org.innerkeep.evidence.tpm.TpmEvidence;
import org.innerkeep.evidence.tpm.TpmPublic;
import org.innerkeep.evidence.tpm.TpmQuote;
import org.innerkeep.evidence.tpm.TpmSignature;

/**
 * A synthetic TPM with an attestation key, in a machine whose firmware keeps an event log. Each method that changes it returns a changed
 * copy, so that a test begins with a good one and changes one thing.
 */
public final class FakeTpm {
    /** TPMA_OBJECT of a proper attestation key. */
    public static final long PROPER = TpmPublic.FIXED_TPM | TpmPublic.FIXED_PARENT | TpmPublic.SENSITIVE_DATA_ORIGIN | TpmPublic.RESTRICTED
            | TpmPublic.SIGN | 1L << 6;

    /** tcg-kp-AIKCertificate as an extended key usage, DER. */
    private static final byte[] FOR_ATTESTATION_KEYS = Bytes.fromHex("300706056781050803").toArray();

    private final KeyPair keys;
    private final TpmSignature.Scheme scheme;
    private final TpmHash hash;
    private final int salt;
    private final long attributes;
    private final FakeEventLog log;

    private FakeTpm(KeyPair keys, TpmSignature.Scheme scheme, TpmHash hash, int salt, long attributes, FakeEventLog log) {
        this.keys = keys;
        this.scheme = scheme;
        this.hash = hash;
        this.salt = salt;
        this.attributes = attributes;
        this.log = log;
    }

    /**
     * A TPM whose attestation key signs by a scheme.
     *
     * @param keys of RSA or of a curve
     * @param scheme as the keys need
     * @param hash of the scheme
     * @return the TPM, in a machine that booted well
     */
    public static FakeTpm of(KeyPair keys, TpmSignature.Scheme scheme, TpmHash hash) {
        return new FakeTpm(keys, scheme, hash, hash.length(), PROPER,
                FakeEventLog.booted(EventLog.Format.CRYPTO_AGILE, TpmHash.SHA1, TpmHash.SHA256, TpmHash.SHA384));
    }

    /** With other attributes of the attestation key. */
    public FakeTpm attributes(long changed) {
        return new FakeTpm(keys, scheme, hash, salt, changed, log);
    }

    /** With a salt of another length, for RSASSA-PSS. */
    public FakeTpm salt(int length) {
        return new FakeTpm(keys, scheme, hash, length, attributes, log);
    }

    /** In a machine that booted otherwise. */
    public FakeTpm booted(FakeEventLog changed) {
        return new FakeTpm(keys, scheme, hash, salt, attributes, changed);
    }

    /** {@return the attestation key} */
    public KeyPair keys() {
        return keys;
    }

    /** {@return the public area of the attestation key} */
    public TpmPublic template() {
        TpmPublic.Scheme fixed = new TpmPublic.Scheme(scheme.id(), hash.id(), 0);
        if (keys.getPublic() instanceof RSAPublicKey rsa) {
            byte[] modulus = fixed(rsa.getModulus(), rsa.getModulus().bitLength() / 8);
            return new TpmPublic(TpmPublic.Type.RSA, TpmHash.SHA256, attributes, Bytes.EMPTY, TpmPublic.Symmetric.NONE, fixed,
                    rsa.getModulus().bitLength(), 0, 0, TpmPublic.Scheme.NONE, Bytes.of(modulus), Bytes.EMPTY);
        }
        ECPublicKey ec = (ECPublicKey) keys.getPublic();
        int bits = ec.getParams().getCurve().getField().getFieldSize();
        int length = (bits + 7) / 8;
        return new TpmPublic(TpmPublic.Type.ECC, TpmHash.SHA256, attributes, Bytes.EMPTY, TpmPublic.Symmetric.NONE, fixed, 0, 0,
                bits == 256 ? 3 : bits == 384 ? 4 : 5, TpmPublic.Scheme.NONE, Bytes.of(fixed(ec.getW().getAffineX(), length)),
                Bytes.of(fixed(ec.getW().getAffineY(), length)));
    }

    private static byte[] fixed(BigInteger number, int length) {
        byte[] all = number.toByteArray();
        byte[] result = new byte[length];
        int from = Math.max(0, all.length - length);
        System.arraycopy(all, from, result, length - (all.length - from), all.length - from);
        return result;
    }

    /**
     * Certifies the attestation key, as makers of TPMs do.
     *
     * @param issuer the maker
     * @param at the time around which it is valid
     * @param change of the certificate
     * @return the certificate, DER
     */
    public Bytes certificate(Authority issuer, Instant at, Consumer<Authority.Wish> change) {
        X509Certificate certificate = issuer.certify("CN=Fake TPM", keys.getPublic(), at, wish -> {
            wish.extension("2.5.29.37", false, FOR_ATTESTATION_KEYS);
            change.accept(wish);
        });
        return Authority.der(certificate);
    }

    /** {@return values of registers} */
    public PcrValues pcrs(Collection<Integer> registers, TpmHash... banks) {
        Map<TpmHash, Map<Integer, Bytes>> values = new TreeMap<>();
        for (TpmHash bank : banks) {
            Map<Integer, Bytes> ofBank = new HashMap<>();
            registers.forEach(register -> ofBank.put(register, log.register(bank, register)));
            values.put(bank, ofBank);
        }
        return PcrValues.of(values);
    }

    /**
     * Quotes registers.
     *
     * @param nonce to be signed
     * @param registers which of each bank
     * @param banks in the order in which they are hashed
     * @return the quote, before it is signed
     */
    public TpmQuote quote(Bytes nonce, Collection<Integer> registers, TpmHash... banks) {
        List<Bytes> values = new ArrayList<>();
        List<PcrSelection> selections = new ArrayList<>();
        for (TpmHash bank : banks) {
            selections.add(PcrSelection.of(bank, registers));
            registers.stream().sorted().forEach(register -> values.add(log.register(bank, register)));
        }
        byte[] endorsementHierarchy = {0x40, 0, 0, 0x0b};
        Bytes signer = Bytes.fromHex("000b" + Bytes.sha256(endorsementHierarchy, template().name().toArray()).hex());
        return new TpmQuote(signer, nonce, 123_456, 7, 1, true, 0x2026_0101_0000_0001L, selections, hash.digest(values));
    }

    /** {@return a signature of the attestation key, by its scheme} It signs whatever it is given, unlike a TPM. */
    public TpmSignature sign(byte[] message) {
        try {
            String digest = hash.jcaName().replace("-", "");
            Signature signer = Signature.getInstance(switch (scheme) {
                case RSASSA -> digest + "withRSA";
                case RSAPSS -> "RSASSA-PSS";
                case ECDSA -> digest + "withECDSAinP1363Format";
            });
            signer.initSign(keys.getPrivate());
            if (scheme == TpmSignature.Scheme.RSAPSS) {
                signer.setParameter(new PSSParameterSpec(hash.jcaName(), "MGF1", new MGF1ParameterSpec(hash.jcaName()), salt, 1));
            }
            signer.update(message);
            byte[] signature = signer.sign();
            if (scheme != TpmSignature.Scheme.ECDSA) {
                return new TpmSignature(scheme, hash, Bytes.of(signature), Bytes.EMPTY);
            }
            int half = signature.length / 2;
            return new TpmSignature(scheme, hash, Bytes.of(Arrays.copyOf(signature, half)),
                    Bytes.of(Arrays.copyOfRange(signature, half, signature.length)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return a quote and its signature} */
    public Map.Entry<Bytes, Bytes> signed(TpmQuote quote) {
        byte[] message = quote.toByteArray();
        return Map.entry(Bytes.of(message), Bytes.of(sign(message).toByteArray()));
    }

    /** {@return the event log} */
    public Bytes eventLog() {
        return log.toBytes();
    }

    /**
     * Evidence of this machine: one quote of the SHA-256 bank over PCR 0 to 23, and the log.
     *
     * @param nonce to be signed
     * @param certificate of the attestation key
     * @return the evidence
     */
    public EvidenceParts evidence(Bytes nonce, Optional<Bytes> certificate) {
        return TpmEvidence.collect(
                List.of(signed(quote(nonce, all(), TpmHash.SHA256))),
                pcrs(all(), TpmHash.SHA256),
                Bytes.of(template().toByteArray()),
                certificate,
                Optional.of(eventLog()));
    }

    /** {@return PCR 0 to 23} */
    public static List<Integer> all() {
        List<Integer> registers = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            registers.add(i);
        }
        return registers;
    }

    /** {@return what Azure's paravisor says in JSON of this TPM, whose key is of RSA} */
    public String runtimeData(Bytes userData) {
        RSAPublicKey rsa = (RSAPublicKey) keys.getPublic();
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return "{\"keys\":[{\"kid\":\"HCLAkPub\",\"key_ops\":[\"sign\"],\"kty\":\"RSA\",\"e\":\""
                + base64.encodeToString(fixed(rsa.getPublicExponent(), 3)) + "\",\"n\":\""
                + base64.encodeToString(fixed(rsa.getModulus(), rsa.getModulus().bitLength() / 8))
                + "\"}],\"vm-configuration\":{\"console-enabled\":true,\"secure-boot\":true,\"tpm-enabled\":true,"
                + "\"vmUniqueId\":\"00000000-0000-0000-0000-00000000FA4E\"},\"user-data\":\"" + userData.hex() + "\"}";
    }

    /**
     * The report of Azure's paravisor around a report of the hardware.
     *
     * @param tee whose report it is
     * @param hash over the runtime data
     * @param runtimeData in JSON
     * @param hardware makes the 1184 bytes of the hardware for 64 bytes of report data
     * @return the report
     */
    public static HclReport hclReport(HclReport.Tee tee, TpmHash hash, String runtimeData, UnaryOperator<Bytes> hardware) {
        HclReport unfinished = new HclReport(2, 2, Bytes.of(new byte[HclReport.HARDWARE_BYTES]), tee, hash,
                Bytes.of(runtimeData.getBytes(StandardCharsets.UTF_8)), 100);
        return new HclReport(unfinished.version(), unfinished.requestType(), hardware.apply(unfinished.expectedReportData()), tee, hash,
                unfinished.runtimeData(), unfinished.padding());
    }

    /** {@return a TDREPORT with this report data, which its processor alone could check, and zeros behind it; 1184 bytes} */
    public static Bytes tdReport(Bytes reportData) {
        ByteBuffer report = ByteBuffer.allocate(HclReport.HARDWARE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        report.put(0, (byte) 0x81).put(128, reportData.toArray());
        return Bytes.of(report.array());
    }

    /**
     * Evidence of a machine of Azure with this TPM, whose key is of RSA.
     *
     * @param report around the hardware's report
     * @param nonce to be signed
     * @param tdQuote with TDX
     * @param certificate of the attestation key
     * @return the evidence
     */
    public EvidenceParts azure(HclReport report, Bytes nonce, Optional<Bytes> tdQuote, Optional<Bytes> certificate) {
        byte[] message = quote(nonce, all(), TpmHash.SHA256).toByteArray();
        Map<String, Bytes> parts = new TreeMap<>();
        parts.put("hcl-report", Bytes.of(report.toByteArray()));
        parts.put("tpm-quote", Bytes.of(message));
        parts.put("tpm-signature", sign(message).first());
        parts.put("pcrs", Bytes.of(pcrs(all(), TpmHash.SHA256).toByteArray()));
        tdQuote.ifPresent(quote -> parts.put("td-quote", quote));
        certificate.ifPresent(part -> parts.put("ak-certificate", part));
        return new EvidenceParts(tdQuote.isPresent() ? AzureEvidence.TDX_TYPE : AzureEvidence.SNP_TYPE, parts);
    }
}
