package org.innerkeep.cli.leakcheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class AesScheduleTest {
    /** FIPS 197, appendix A.3. */
    @Test
    void expandsTheKeyOfTheStandard() {
        int[] words = AesSchedule.expand(
                HexFormat.of().parseHex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"));

        assertThat(words[8]).isEqualTo(0x9ba35411);
        assertThat(words[12]).isEqualTo(0xa8b09c1a);
        assertThat(words[59]).isEqualTo(0x706c631e);
    }
}
