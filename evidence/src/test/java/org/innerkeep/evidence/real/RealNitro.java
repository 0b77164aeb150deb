package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MakerRoots;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.cose.CoseMessage;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.nitro.NitroDocument;

/** AWS Nitro documents. */
final class RealNitro implements RealKind {
    private static final String AWS_ROOT = "641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b";

    @Override
    public void check(RealCase each) throws Exception {
        Optional<Bytes> root = each.findCertificate("trustAnchor");
        MakerRoot pinned = root.isPresent()
                ? MakerRoot.of(Maker.AWS, new Crypto(Optional.empty(), 0).certificate("root", root.get()))
                : MakerRoots.awsNitro();
        VerifierOptions options = VerifierOptions.of(pinned);
        byte[] evidence = each.file("document").toArray();
        Verifier verifier = new Verifier();
        List<Claims> accepted = Verdicts.check(
                each, options, some -> verifier.verify(evidence, Endorsements.none(), each.at(), some));

        Expected expected = each.expected();
        expected.text("trustAnchorSha256", root.map(der -> Bytes.sha256(der.toArray()).hex()).orElse(AWS_ROOT));
        if (root.isPresent() && Bytes.sha256(root.get().toArray()).hex().equals(AWS_ROOT)) {
            assertThat(MakerRoots.awsNitro()).isEqualTo(pinned);
        }
        expected.known("sourceTest", "what the source's own test expects, in words; it agrees with the rest");
        NitroDocument.Signed signed;
        try {
            signed = NitroDocument.parse(evidence);
        } catch (MalformedException e) {
            assertThat(accepted).as("%s: %s", each, e.getMessage()).isEmpty();
            // What does not parse has nothing to compare.
            for (String field : List.of("chainValidity", "chainLength", "moduleId", "digest", "timestamp", "pcrs", "userData", "nonce",
                    "publicKey", "protectedHeader", "coseTag")) {
                expected.known(field, "the document does not parse");
            }
            return;
        }
        assertThat(signed.envelope().toByteArray()).isEqualTo(evidence);
        compare(expected, signed);
        compareValidity(each, verifier, options, signed.document());
        for (Claims claims : accepted) {
            compare(claims, signed.document(), pinned);
            checkNonce(each, verifier, options, signed.document());
        }
    }

    private static void compare(Expected expected, NitroDocument.Signed signed) throws MalformedException {
        NitroDocument document = signed.document();
        expected.text("moduleId", document.moduleId());
        expected.text("digest", NitroDocument.DIGEST);
        expected.number("timestamp", document.timestamp());
        expected.object("pcrs").ifPresent(pcrs -> document.pcrs().forEach((index, value) -> pcrs.bytes(Integer.toString(index), value)));
        compare(expected, "userData", document.userData());
        compare(expected, "nonce", document.nonce());
        compare(expected, "publicKey", document.publicKey());
        expected.bytes("protectedHeader", signed.envelope().protectedHeader());
        assertThat(signed.envelope().tagged()).isEqualTo(expected.take("coseTag").isPresent());
        // The inverse, with a map of definite length; in the very bytes of the document where it has one too.
        byte[] written = document.toByteArray();
        byte[] payload = signed.envelope().payload().toArray();
        if (payload[0] != (byte) 0xbf) {
            assertThat(written).isEqualTo(payload);
        }
        byte[] again = new CoseMessage(
                signed.envelope().form(), signed.envelope().tagged(), signed.envelope().protectedHeader(),
                signed.envelope().unprotectedHeader(), signed.envelope().algorithm(), Bytes.of(written), signed.envelope().signature())
                .toByteArray();
        assertThat(NitroDocument.parse(again).document()).isEqualTo(document);
    }

    private static void compare(Expected expected, String name, Optional<Bytes> found) {
        if (expected.has(name)) {
            assertThat(found.map(Bytes::hex)).as(name).isEqualTo(expected.text(name));
        }
    }

    /** The certificates are right in their common validity, and not a second before or after it. */
    private static void compareValidity(RealCase each, Verifier verifier, VerifierOptions options, NitroDocument document) {
        Expected expected = each.expected();
        expected.number("chainLength", document.caBundle().size() + 1);
        Optional<Expected> validity = expected.object("chainValidity");
        if (validity.isEmpty()) {
            return;
        }
        Instant from = Instant.parse(validity.get().text("notBefore").orElseThrow());
        Instant until = Instant.parse(validity.get().text("notAfter").orElseThrow());
        byte[] evidence = each.file("document").toArray();
        List<Code> found = new ArrayList<>();
        for (Instant at : List.of(from, until, from.minusSeconds(1), until.plusSeconds(1))) {
            Set<Code> codes = Verdicts.codes(verifier.verify(evidence, Endorsements.none(), at, options.allowDebug()));
            found.add(codes.contains(Code.CERTIFICATE_EXPIRED) ? Code.CERTIFICATE_EXPIRED
                    : codes.contains(Code.CERTIFICATE_NOT_YET_VALID) ? Code.CERTIFICATE_NOT_YET_VALID : Code.KIND_UNKNOWN);
        }
        if (Verdicts.codes(verifier.verify(evidence, Endorsements.none(), from, options)).contains(Code.ANCHOR_NOT_PINNED)) {
            return; // No chain, so nothing of it is looked at.
        }
        assertThat(found).as("%s at the ends of its validity", each).containsExactly(
                Code.KIND_UNKNOWN, Code.KIND_UNKNOWN, Code.CERTIFICATE_NOT_YET_VALID, Code.CERTIFICATE_EXPIRED);
    }

    private static void compare(Claims claims, NitroDocument document, MakerRoot root) {
        assertThat(claims.kind()).isEqualTo("nitro-document");
        assertThat(claims.platform()).isEqualTo("nitro");
        assertThat(claims.measurement()).contains(Measurement.sha384(document.pcr(0).orElseThrow()));
        assertThat(claims.reportData()).isEqualTo(document.userData().orElse(Bytes.EMPTY));
        assertThat(claims.issuedAt()).contains(Instant.ofEpochMilli(document.timestamp()));
        assertThat(claims.anchor()).isEqualTo(root.id());
        assertThat(claims.text("module-id")).contains(document.moduleId());
        assertThat(claims.text("nonce")).isEqualTo(document.nonce().map(Bytes::hex));
        assertThat(claims.text("public-key")).isEqualTo(document.publicKey().map(Bytes::hex));
        assertThat(claims.text("user-data")).isEqualTo(document.userData().map(Bytes::hex));
        assertThat(claims.text(Claims.MEMORY_READABLE_BY)).contains(claims.debug() ? "host" : "hypervisor");
        Map<String, ClaimValue> pcrs = ((ClaimValue.Group) claims.details().get("pcrs")).values();
        assertThat(pcrs).hasSize(document.pcrs().size());
        document.pcrs().forEach((index, value) -> assertThat(pcrs).containsEntry(Integer.toString(index), ClaimValue.of(value)));
    }

    private static void checkNonce(RealCase each, Verifier verifier, VerifierOptions options, NitroDocument document) {
        byte[] evidence = each.file("document").toArray();
        VerifierOptions other = options.allowDebug().nonce(Bytes.fromHex("00ff"));
        assertThat(Verdicts.codes(verifier.verify(evidence, Endorsements.none(), each.at(), other))).containsExactly(Code.NONCE_MISMATCH);
        if (document.nonce().isPresent() && document.nonce().get().length() > 0) {
            VerifierOptions same = options.allowDebug().nonce(document.nonce().get());
            assertThat(verifier.verify(evidence, Endorsements.none(), each.at(), same)).isInstanceOf(Verdict.Accepted.class);
        }
    }
}
