package org.innerkeep.makers;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.innerkeep.evidence.cbor.CborWriter;

/** What a COSE_Sign1 of a synthetic maker is to be like. Begins right; each method makes it otherwise. Not safe for several threads. */
public final class CoseWish {
    private PrivateKey key;
    private String algorithm;
    private byte[] protectedHeader;
    private byte[] unprotectedHeader = item(writer -> writer.map(0));
    private OptionalLong tag;
    private UnaryOperator<byte[]> afterSigning = payload -> payload;

    CoseWish(PrivateKey key, String algorithm, long number, OptionalLong tag) {
        this.key = key;
        this.algorithm = algorithm;
        this.protectedHeader = item(writer -> writer.map(1).integer(1).integer(number));
        this.tag = tag;
    }

    /** Another key signs, by an algorithm such as {@code SHA384withECDSA}. */
    public CoseWish signedBy(PrivateKey other, String otherAlgorithm) {
        key = other;
        algorithm = otherAlgorithm;
        return this;
    }

    /** Another algorithm's number in the protected header. */
    public CoseWish algorithm(long number) {
        protectedHeader = item(writer -> writer.map(1).integer(1).integer(number));
        return this;
    }

    /** Another protected header, encoded. */
    public CoseWish protectedHeader(byte[] encoded) {
        protectedHeader = encoded.clone();
        return this;
    }

    /** Another unprotected header, encoded. */
    public CoseWish unprotectedHeader(byte[] encoded) {
        unprotectedHeader = encoded.clone();
        return this;
    }

    /** Another tag, or none. */
    public CoseWish tag(OptionalLong number) {
        tag = number;
        return this;
    }

    /** Changes the payload after it was signed. */
    public CoseWish afterSigning(UnaryOperator<byte[]> change) {
        afterSigning = change;
        return this;
    }

    /** Encodes an item of CBOR. */
    public static byte[] item(Consumer<CborWriter> wish) {
        CborWriter writer = new CborWriter();
        wish.accept(writer);
        return writer.toByteArray();
    }

    byte[] sign(byte[] payload) {
        byte[] signature;
        try {
            Signature signer = Signature.getInstance(algorithm + "inP1363Format");
            signer.initSign(key);
            signer.update(item(writer -> writer.array(4).text("Signature1").bytes(protectedHeader).bytes(new byte[0]).bytes(payload)));
            signature = signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        return item(writer -> {
            if (tag.isPresent()) {
                writer.tag(tag.getAsLong());
            }
            writer.array(4).bytes(protectedHeader).raw(unprotectedHeader).bytes(afterSigning.apply(payload)).bytes(signature);
        });
    }
}
