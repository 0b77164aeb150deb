package org.innerkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.junit.jupiter.api.Test;

/** What the terminal sees of what others say. */
final class VerifyCommandTest {
    private static final String HOSTILE = "a\u001b[2J\ntrusted\u202e\u009b1m";
    private static final String SHOWN = "a\\u001b[2J\\u000atrusted\\u202e\\u009b1m";

    @Test
    void whatAServiceSaysDrivesNoTerminal() {
        StringWriter text = new StringWriter();
        Claims claims = new Claims(
                "token",
                HOSTILE,
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                false,
                Bytes.EMPTY,
                Optional.empty(),
                Bytes.EMPTY,
                Map.of(HOSTILE, ClaimValue.of("value"), "group", new ClaimValue.Group(Map.of("name", ClaimValue.of(HOSTILE)))));

        VerifyCommand.print(claims, new PrintWriter(text));

        assertThat(text.toString().lines()).hasSize(10).noneMatch(line -> line.chars().anyMatch(Character::isISOControl));
        assertThat(text.toString())
                .contains("platform          " + SHOWN)
                .contains("  " + SHOWN + " value")
                .doesNotContain("\u202e");
        assertThat(text.toString().lines().filter(line -> line.contains(SHOWN))).hasSize(3);
    }

    @Test
    void neitherDoesWhatARefusalFound() {
        Reason reason = new Reason(Code.PLATFORM_NOT_ACCEPTED, "platform", HOSTILE, "sgx", "Do not trust it.");

        assertThat(Main.line(reason)).isEqualTo("PLATFORM_NOT_ACCEPTED platform: found " + SHOWN + ", wanted sgx. Do not trust it.");
    }
}
