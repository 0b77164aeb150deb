package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.EvidenceParts;
import org.innerkeep.evidence.MakerRoots;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.dcap.Quote;
import org.innerkeep.evidence.eventlog.CcelEvidence;
import org.innerkeep.evidence.eventlog.CcelReplay;
import org.innerkeep.evidence.eventlog.CcelVerifier;
import org.innerkeep.evidence.eventlog.EventLog;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.HardwareCheck;
import org.innerkeep.evidence.internal.Verification;

/** Event logs of real TDs with the quotes of their RTMRs. The cases bring no endorsements, so the quotes are taken as they are. */
final class RealCcel implements RealKind {
    private static final int HEADER = 48;
    private static final int V5_DESCRIPTOR = 6;
    private static final int MRTD = 136;
    private static final int RTMR = 328;
    private static final int LENGTH = 48;

    @Override
    public void check(RealCase each) throws Exception {
        Expected expected = each.expected();
        byte[] area = each.file("eventLog").toArray();
        EventLog log = EventLog.parseCcel(area);
        assertThat(log.toByteArray()).isEqualTo(area);
        expected.number("events", log.events().size());
        expected.number("usedBytes", area.length - log.padding());
        Bytes quote = each.file("quote");
        assertThat(expected.texts("quoteRtmr")).containsExactlyElementsOf(rtmrs(quote).stream().map(Bytes::hex).toList());
        assertThat(expected.texts("replayedRtmr")).containsExactlyElementsOf(CcelReplay.replay(log).stream().map(Bytes::hex).toList());
        expected.bytes("mrTd", field(quote, MRTD));
        assertThat(expected.text("signature")).isEmpty();
        expected.known("sourceTest", "says what the source's own test does");
        List<String> failures = expected.texts("failures");

        Verdict verdict = verify(each, CcelEvidence.collect(quote, each.file("eventLog")), RealCcel::trusting);
        if (failures.isEmpty()) {
            assertThat(verdict).as(each.name()).isInstanceOf(Verdict.Accepted.class);
            assertThat(((Verdict.Accepted) verdict).claims().details()).containsKeys("secureboot", "event-log-events");
        } else {
            assertThat(((Verdict.Refused) verdict).reasons()).allMatch(reason -> reason.code() == Code.EVENT_LOG_MISMATCH);
            for (int i = 0; i < CcelReplay.REGISTERS; i++) {
                String name = "RTMR " + i;
                long register = i + 1L;
                // What the operating system extends by itself is noted, and not refused.
                boolean noted = i >= 2 && log.events().stream().noneMatch(event -> event.extendsRegister() && event.register() == register);
                boolean differs = !noted && !CcelReplay.replay(log).get(i).equals(rtmrs(quote).get(i));
                assertThat(((Verdict.Refused) verdict).reasons().stream().anyMatch(reason -> reason.found().endsWith(name)))
                        .as(name)
                        .isEqualTo(differs);
            }
        }
        // Without endorsements the quote itself is not decided, and a log that does not fit it is refused all the same.
        Verdict whole = new Verifier().verify(
                CcelEvidence.collect(quote, each.file("eventLog")).toByteArray(),
                Endorsements.none(),
                each.at(),
                VerifierOptions.of(MakerRoots.intelSgx()));
        boolean debug = Quote.parse(quote.toArray()).body().debug();
        assertThat(whole).isInstanceOf(failures.isEmpty() && !debug ? Verdict.Undecided.class : Verdict.Refused.class);
        expected.flag("debug", debug);
        assertThat(verify(each, CcelEvidence.collect(quote, each.file("eventLog")), HardwareCheck.none()))
                .isInstanceOf(Verdict.Refused.class);
    }

    static Verdict verify(RealCase each, EvidenceParts parts, HardwareCheck quotes) throws MalformedException {
        CcelEvidence evidence = CcelEvidence.parse(EvidenceParts.parse(parts.toByteArray()));
        return CcelVerifier.verify(
                evidence,
                new Verification(Endorsements.none(), each.at(), VerifierOptions.of(), new Crypto(Optional.empty(), 0)),
                quotes);
    }

    private static Bytes field(Bytes quote, int offset) {
        byte[] bytes = quote.toArray();
        int body = bytes[0] == 5 ? HEADER + V5_DESCRIPTOR : HEADER;
        return Bytes.of(Arrays.copyOfRange(bytes, body + offset, body + offset + LENGTH));
    }

    private static List<Bytes> rtmrs(Bytes quote) {
        List<Bytes> found = new ArrayList<>();
        for (int i = 0; i < CcelReplay.REGISTERS; i++) {
            found.add(field(quote, RTMR + LENGTH * i));
        }
        return found;
    }

    /** Takes the registers off a quote without verifying anything: the cases bring no endorsements for that. */
    static Optional<Claims> trusting(Bytes quote, Verification run) {
        Map<String, ClaimValue> details = new TreeMap<>();
        for (int i = 0; i < CcelReplay.REGISTERS; i++) {
            details.put("tdx_rtmr" + i, ClaimValue.of(rtmrs(quote).get(i)));
        }
        return Optional.of(new Claims("tdx-quote", "tdx", Optional.empty(), Optional.empty(), OptionalLong.empty(), OptionalLong.empty(),
                false, Bytes.EMPTY, Optional.empty(), Bytes.EMPTY, details));
    }
}
