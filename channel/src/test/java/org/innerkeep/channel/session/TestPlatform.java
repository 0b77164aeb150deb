package org.innerkeep.channel.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.Verdict;

/**
 * A platform with a secret key of its own: evidence is report data, enclave id and measurement under HMAC-SHA-256, so that
 * it can be replayed and relayed but not made or changed by anyone else.
 */
final class TestPlatform implements Appraiser {
    private static final int BODY = ReportData.LENGTH + 8 + 32;

    private final SecretKeySpec key;
    private final List<Purpose> appraised = new CopyOnWriteArrayList<>();

    TestPlatform(String name) {
        this.key = new SecretKeySpec(Bytes.sha256(name.getBytes(StandardCharsets.UTF_8)).toArray(), "HmacSHA256");
    }

    /** An enclave on this platform. */
    Attester enclave(long id) {
        return enclave(id, "code");
    }

    Attester enclave(long id, String code) {
        byte[] measurement = Bytes.sha256(code.getBytes(StandardCharsets.UTF_8)).toArray();
        return reportData -> {
            if (reportData.length != ReportData.LENGTH) {
                throw new IOException("report data: " + reportData.length);
            }
            byte[] body = ByteBuffer.allocate(BODY).put(reportData).putLong(id).put(measurement).array();
            return ByteBuffer.allocate(BODY + 32).put(body).put(mac(body)).array();
        };
    }

    /** What was appraised so far, in order. */
    List<Purpose> appraised() {
        return appraised;
    }

    @Override
    public Verdict appraise(byte[] evidence, byte[] reportData, Purpose purpose) {
        appraised.add(purpose);
        if (evidence.length != BODY + 32) {
            return new Verdict.Refused(List.of(reason(Reason.Code.MALFORMED, "evidence")));
        }
        List<Reason> reasons = new ArrayList<>();
        byte[] body = Arrays.copyOf(evidence, BODY);
        if (!MessageDigest.isEqual(mac(body), Arrays.copyOfRange(evidence, BODY, BODY + 32))) {
            reasons.add(reason(Reason.Code.SIGNATURE_INVALID, "evidence.mac"));
        }
        byte[] found = Arrays.copyOf(body, ReportData.LENGTH);
        if (!Arrays.equals(found, reportData)) {
            reasons.add(reason(Reason.Code.REPORT_DATA_MISMATCH, "evidence.report-data"));
        }
        if (!reasons.isEmpty()) {
            return new Verdict.Refused(reasons);
        }
        return new Verdict.Accepted(claims(body));
    }

    static Claims claims(byte[] body) {
        ByteBuffer fields = ByteBuffer.wrap(body);
        byte[] reportData = new byte[ReportData.LENGTH];
        fields.get(reportData);
        long id = fields.getLong();
        byte[] measurement = new byte[32];
        fields.get(measurement);
        return new Claims(
                "test",
                "mock",
                Optional.of(Measurement.sha256(Bytes.of(measurement))),
                Optional.of(Bytes.sha256(new byte[0])),
                OptionalLong.of(1),
                OptionalLong.of(1),
                false,
                Bytes.of(reportData),
                Optional.of(Instant.EPOCH),
                Bytes.sha256(new byte[] {1}),
                Map.of("enclave-id", ClaimValue.of(Long.toString(id))));
    }

    private static Reason reason(Reason.Code code, String path) {
        return new Reason(code, path, "another", "the right one", "None");
    }

    private byte[] mac(byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
