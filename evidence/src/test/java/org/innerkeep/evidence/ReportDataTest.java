package org.innerkeep.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReportDataTest {
    private static final byte[] NOTHING = {};

    @Test
    void isTheDigestOfLengthPrefixedPartsAndZeros() {
        byte[] preimage = HexFormat.of().parseHex("00000001" + "6c" + "00000002" + "0102" + "00000000");

        assertThat(ReportData.of("l", new byte[] {1, 2}, NOTHING))
                .isEqualTo(Arrays.copyOf(Bytes.sha256(preimage).toArray(), 64));
    }

    @Test
    void tellsWherePartsAndLabelEnd() {
        assertThat(Stream.of(
                                ReportData.of("ab", bytes("c")),
                                ReportData.of("a", bytes("bc")),
                                ReportData.of("abc"),
                                ReportData.of("abc", NOTHING),
                                ReportData.of("a", bytes("b"), bytes("c")),
                                ReportData.of("a", bytes("bc"), NOTHING))
                        .map(Bytes::of))
                .doesNotHaveDuplicates();
    }

    /** A program that could choose a runtime's label could have a stranger's session or statement vouched for. */
    @Test
    void noPurposeOfAProgramGivesReportDataOfTheRuntime() {
        for (String label : List.of(ReportData.SESSION, ReportData.STATEMENT)) {
            assertThat(ReportData.ofProgram(label, bytes("context"))).isNotEqualTo(ReportData.of(label, bytes("context")));
            assertThat(label).doesNotStartWith("innerkeep program: ");
        }
        assertThat(ReportData.ofProgram("p", bytes("context")))
                .isEqualTo(ReportData.of("innerkeep program: p", bytes("context")));
    }

    @Test
    void certificateClaimsAreDigestedAsTheyAre() {
        byte[] claims = {(byte) 0xa1, 1, 2};

        assertThat(ReportData.ofCertificateClaims(claims))
                .isEqualTo(Arrays.copyOf(Bytes.sha256(claims).toArray(), 64));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
