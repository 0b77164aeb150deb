package org.innerkeep.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.innerkeep.client.Reports.ANCHOR;
import static org.innerkeep.client.Reports.GOOD;
import static org.innerkeep.client.Reports.NOW;
import static org.innerkeep.client.Reports.PRODUCT;
import static org.innerkeep.client.Reports.SIGNER;
import static org.innerkeep.client.Reports.SVN;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Statement;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.junit.jupiter.api.Test;

class StatementTrustTest {
    private static final KeyPair KEY = Reports.newKey();
    private static final byte[] CONTENT = "auc 0.91".getBytes(StandardCharsets.UTF_8);
    private static final byte[] GOOD_STATEMENT = Reports.statement(KEY, "result", CONTENT, UnaryOperator.identity());

    private static final Trust TRUST =
            Trust.signer(SIGNER, PRODUCT, SVN).on(ANCHOR).at(Clock.fixed(NOW, ZoneOffset.UTC));

    private static List<Code> refusals(byte[] statement) {
        return switch (TRUST.verifyStatement(statement)) {
            case StatementVerdict.Accepted accepted -> List.of();
            case StatementVerdict.Refused refused ->
                refused.reasons().stream().map(Reason::code).toList();
        };
    }

    @Test
    void acceptsWhatATrustedEnclaveStatedWordForWord() {
        assertThat(TRUST.verifyStatement(GOOD_STATEMENT))
                .isInstanceOfSatisfying(StatementVerdict.Accepted.class, accepted -> {
                    assertThat(accepted.purpose()).isEqualTo("result");
                    assertThat(accepted.content()).isEqualTo(Bytes.of(CONTENT));
                    assertThat(accepted.claims().measurement()).hasValue(GOOD.measurement());
                });
    }

    @Test
    void acceptsAStatementOfAnyAge() {
        assertThat(refusals(Reports.statement(KEY, "result", CONTENT, good -> good.age(Duration.ofDays(3650))))).isEmpty();
    }

    @Test
    void refusesEveryChangedByte() {
        for (int i = 0; i < GOOD_STATEMENT.length; i++) {
            byte[] changed = GOOD_STATEMENT.clone();
            changed[i] ^= 1;

            assertThat(refusals(changed)).as("byte %d", i).isNotEmpty();
        }
    }

    @Test
    void refusesEveryCutAndAnyByteTooMany() {
        for (int length = 0; length < GOOD_STATEMENT.length; length++) {
            assertThat(refusals(Arrays.copyOf(GOOD_STATEMENT, length))).as("%d bytes", length).containsExactly(Code.MALFORMED);
        }
        assertThat(refusals(Arrays.copyOf(GOOD_STATEMENT, GOOD_STATEMENT.length + 1))).containsExactly(Code.MALFORMED);
    }

    @Test
    void refusesChangedContentAsAWrongSignature() {
        byte[] changed = GOOD_STATEMENT.clone();
        changed[indexOf(changed, CONTENT)] ^= 1;

        assertThat(refusals(changed)).containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void refusesAnotherKeyOverTheSameContentAndEvidence() throws Exception {
        KeyPair other = Reports.newKey();
        byte[] evidence = Statement.parse(GOOD_STATEMENT).evidence().toArray();
        byte[] forged = new Statement.Unsigned("result", Bytes.of(CONTENT)).sign(other.getPrivate(), other.getPublic(), evidence);

        assertThat(refusals(forged)).containsExactly(Code.REPORT_DATA_MISMATCH);
    }

    @Test
    void refusesOtherContentUnderTheSameKeyWithTheOldEvidence() throws Exception {
        byte[] evidence = Statement.parse(GOOD_STATEMENT).evidence().toArray();
        Bytes better = Bytes.of("auc 0.99".getBytes(StandardCharsets.UTF_8));

        assertThat(refusals(new Statement.Unsigned("result", better).sign(KEY.getPrivate(), KEY.getPublic(), evidence)))
                .containsExactly(Code.REPORT_DATA_MISMATCH);
        assertThat(refusals(new Statement.Unsigned("other use", Bytes.of(CONTENT))
                        .sign(KEY.getPrivate(), KEY.getPublic(), evidence)))
                .as("the purpose is bound as the content is")
                .containsExactly(Code.REPORT_DATA_MISMATCH);
    }

    @Test
    void refusesAStatementOfAnotherEnclave() {
        assertThat(refusals(Reports.statement(KEY, "result", CONTENT, good -> good.signer(Reports.digest("someone else")))))
                .containsExactly(Code.SIGNER_MISMATCH);
        assertThat(refusals(Reports.statement(KEY, "result", CONTENT, good -> good.debug(true).svn(SVN - 1))))
                .containsExactlyInAnyOrder(Code.DEBUG_ENCLAVE, Code.SVN_TOO_LOW);
    }

    @Test
    void refusesAStatementWhoseEvidenceNoPinnedKeeperSigned() {
        Statement.Unsigned unsigned = new Statement.Unsigned("result", Bytes.of(CONTENT));
        KeyPair stranger = Reports.newKey();
        byte[] evidence = GOOD.reportData(Bytes.of(unsigned.reportData(KEY.getPublic())))
                .report()
                .sign(stranger.getPrivate(), stranger.getPublic());

        assertThat(refusals(unsigned.sign(KEY.getPrivate(), KEY.getPublic(), evidence)))
                .containsExactly(Code.ANCHOR_NOT_PINNED);
    }

    @Test
    void refusesMockStatementsUnlessAllowed() {
        byte[] mock = Reports.statement(KEY, "result", CONTENT, good -> good.platform(KeeperReport.MOCK));

        assertThat(refusals(mock)).contains(Code.MOCK_PLATFORM);
        assertThat(TRUST.allowMock().verifyStatement(mock)).isInstanceOf(StatementVerdict.Accepted.class);
    }

    @Test
    void evidenceOfASessionIsNoStatement() {
        assertThat(refusals(GOOD.signed())).containsExactly(Code.MALFORMED);
    }

    private static int indexOf(byte[] within, byte[] wanted) {
        for (int i = 0; i + wanted.length <= within.length; i++) {
            if (Arrays.equals(within, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        throw new AssertionError("not found");
    }
}
