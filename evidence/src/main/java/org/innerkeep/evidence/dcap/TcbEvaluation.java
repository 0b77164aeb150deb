package org.innerkeep.evidence.dcap;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.TcbStatus;

/**
 * How current a platform is, by the rule of Intel's quote verification library: the level of the platform, made worse by that of the TDX
 * module and that of the quoting enclave. Compares versions only; that they are proven is the caller's concern.
 *
 * <p>Comparisons that look sensible and are not made: with the CPUSVN of the enclave's report and the SVNs of the quote's header, which
 * are in the processor's own encoding or tell of another enclave (what counts is what the PCK certificate states); of TDX components 0
 * and 1 where the TDX module states a version of its own, since they are of the first module and later ones have an identity each.
 *
 * @param status what comes of all parts
 * @param date the earliest of the parts' dates: everything published before is fixed
 * @param advisories of all parts, each once
 * @param platform status of the platform alone
 * @param platformDate date of the platform alone
 * @param qe status of the quoting enclave alone
 * @param module status of the TDX module alone, as of the launch of the trust domain; absent where it has no version of its own
 * @param launch what comes of all parts as of the launch of the trust domain; for TDX 1.5 only
 * @param current what comes of all parts with the TDX module that runs now; for TDX 1.5 only, absent where no level fits
 */
public record TcbEvaluation(
        TcbStatus status,
        Instant date,
        Set<String> advisories,
        TcbStatus platform,
        Instant platformDate,
        TcbStatus qe,
        Optional<TcbStatus> module,
        Optional<TcbStatus> launch,
        Optional<TcbStatus> current)
        implements TcbOutcome {
    private static final int COMPONENTS = 16;
    private static final int MODULE_MINOR = 0;
    private static final int MODULE_MAJOR = 1;

    /** Where TDX components begin that are not the module's. */
    private static final int AFTER_MODULE = 2;

    /** Copies the advisories, keeping their order. */
    public TcbEvaluation {
        advisories = Collections.unmodifiableSet(new LinkedHashSet<>(advisories));
    }

    /**
     * Evaluates:
     *
     * <ol>
     *   <li>the platform's level: the highest whose SGX components, PCESVN and TDX components are all reached;
     *   <li>the TDX module's level, where the module has a version above 0;
     *   <li>the quoting enclave's level;
     *   <li>what comes of them: revoked if one is; out of date if module or quoting enclave are and the platform is not worse;
     *   <li>for TDX 1.5, the same again with the module that runs now: if that is current and the one at launch was not, the trust domain
     *       should be launched anew.
     * </ol>
     *
     * @param pck what Intel certified of the platform
     * @param body what is quoted
     * @param qeIsvSvn version of the quoting enclave
     * @param info of the platform's kind
     * @param identity of the quoting enclave
     * @return the evaluation, or which part reaches no level
     */
    public static TcbOutcome evaluate(
            PckExtension pck, QuoteBody body, int qeIsvSvn, TcbInfo info, EnclaveIdentity identity) {
        Optional<SignedJson.SvnLevel> qe = identity.level(qeIsvSvn);
        if (qe.isEmpty()) {
            return new TcbOutcome.NotSupported("quoting enclave of version " + qeIsvSvn);
        }
        return switch (body) {
            case SgxReport enclave -> evaluate(pck, Optional.empty(), info, qe.get());
            case TdReport domain -> {
                TcbOutcome launch = evaluate(pck, Optional.of(domain.teeTcbSvn()), info, qe.get());
                if (!(launch instanceof TcbEvaluation evaluation) || domain.current().isEmpty()) {
                    yield launch;
                }
                // A module that runs now and reaches no level is as unknown as one at launch would be.
                yield switch (evaluate(pck, Optional.of(domain.current().get().teeTcbSvn2()), info, qe.get())) {
                    case TcbEvaluation now -> evaluation.withCurrent(now.status());
                    case TcbOutcome.NotSupported none -> none;
                };
            }
        };
    }

    private static TcbOutcome evaluate(
            PckExtension pck, Optional<Bytes> teeTcbSvn, TcbInfo info, SignedJson.SvnLevel qe) {
        Optional<TcbInfo.Level> platform =
                info.levels().stream().filter(level -> reaches(pck, teeTcbSvn, level)).findFirst();
        if (platform.isEmpty()) {
            return new TcbOutcome.NotSupported("platform of components " + pck.tcbComponents() + ", PCESVN " + pck.pceSvn()
                    + teeTcbSvn.map(svn -> ", TDX components " + svn).orElse(""));
        }
        List<SignedJson.SvnLevel> parts = new ArrayList<>();
        Optional<TcbStatus> moduleStatus = Optional.empty();
        if (teeTcbSvn.isPresent() && moduleVersion(teeTcbSvn.get()) > 0) {
            int minor = teeTcbSvn.get().toArray()[MODULE_MINOR] & 0xff;
            Optional<SignedJson.SvnLevel> module = module(info, teeTcbSvn.get()).flatMap(
                    each -> each.levels().stream().filter(level -> level.isvSvn() <= minor).findFirst());
            if (module.isEmpty()) {
                return new TcbOutcome.NotSupported(
                        "TDX module " + moduleId(teeTcbSvn.get()) + " of version " + minor);
            }
            parts.add(module.get());
            moduleStatus = Optional.of(module.get().status());
        }
        parts.add(qe);
        Set<String> advisories = new LinkedHashSet<>(platform.get().advisories());
        parts.forEach(part -> advisories.addAll(part.advisories()));
        return new TcbEvaluation(
                converge(platform.get().status(), parts.stream().map(SignedJson.SvnLevel::status).toList()),
                Stream.concat(Stream.of(platform.get().date()), parts.stream().map(SignedJson.SvnLevel::date))
                        .min(Instant::compareTo)
                        .orElseThrow(),
                advisories,
                platform.get().status(),
                platform.get().date(),
                qe.status(),
                moduleStatus,
                Optional.empty(),
                Optional.empty());
    }

    private static boolean reaches(PckExtension pck, Optional<Bytes> teeTcbSvn, TcbInfo.Level level) {
        if (!reaches(pck.tcbComponents(), level.sgxComponents(), 0) || pck.pceSvn() < level.pceSvn()) {
            return false;
        }
        // A level without TDX components says nothing of a trust domain.
        return teeTcbSvn.isEmpty()
                || (level.tdxComponents().isPresent()
                        && reaches(
                                teeTcbSvn.get(),
                                level.tdxComponents().get(),
                                moduleVersion(teeTcbSvn.get()) > 0 ? AFTER_MODULE : 0));
    }

    private static boolean reaches(Bytes found, Bytes wanted, int from) {
        byte[] has = found.toArray();
        byte[] needs = wanted.toArray();
        for (int i = from; i < COMPONENTS; i++) {
            if ((has[i] & 0xff) < (needs[i] & 0xff)) {
                return false;
            }
        }
        return true;
    }

    private static int moduleVersion(Bytes teeTcbSvn) {
        return teeTcbSvn.toArray()[MODULE_MAJOR] & 0xff;
    }

    private static String moduleId(Bytes teeTcbSvn) {
        return "TDX_" + HexFormat.of().withUpperCase().toHexDigits((byte) moduleVersion(teeTcbSvn));
    }

    /**
     * What Intel says of the TDX module that launched a trust domain.
     *
     * @param info of the platform's kind
     * @param teeTcbSvn versions of the module, 16 bytes
     * @return the module, or nothing where Intel knows none of that version
     */
    static Optional<TcbInfo.Module> module(TcbInfo info, Bytes teeTcbSvn) {
        if (moduleVersion(teeTcbSvn) == 0) {
            return info.module();
        }
        String id = moduleId(teeTcbSvn);
        return info.modules().stream().filter(each -> each.id().equals(id)).findFirst();
    }

    private static TcbStatus converge(TcbStatus platform, List<TcbStatus> parts) {
        if (platform == TcbStatus.REVOKED || parts.contains(TcbStatus.REVOKED)) {
            return TcbStatus.REVOKED;
        }
        // Module and quoting enclave are current or are not: any other word for them counts as out of date.
        if (parts.stream().allMatch(each -> each == TcbStatus.UP_TO_DATE)) {
            return platform;
        }
        return switch (platform) {
            case UP_TO_DATE, SW_HARDENING_NEEDED, OUT_OF_DATE, TD_RELAUNCH_ADVISED -> TcbStatus.OUT_OF_DATE;
            case CONFIGURATION_NEEDED,
                    CONFIGURATION_AND_SW_HARDENING_NEEDED,
                    OUT_OF_DATE_CONFIGURATION_NEEDED,
                    TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED -> TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED;
            case REVOKED -> TcbStatus.REVOKED;
        };
    }

    /** Dates and advisories stay those of the launch, which is what the trust domain was built by. */
    private TcbEvaluation withCurrent(TcbStatus now) {
        return new TcbEvaluation(
                relaunch(status, now),
                date,
                advisories,
                platform,
                platformDate,
                qe,
                module,
                Optional.of(status),
                Optional.of(now));
    }

    private static TcbStatus relaunch(TcbStatus launch, TcbStatus now) {
        boolean old = launch == TcbStatus.OUT_OF_DATE || launch == TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED;
        return switch (now) {
            case UP_TO_DATE, SW_HARDENING_NEEDED -> !old
                    ? launch
                    : launch == TcbStatus.OUT_OF_DATE
                            ? TcbStatus.TD_RELAUNCH_ADVISED
                            : TcbStatus.TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED;
            case CONFIGURATION_NEEDED, CONFIGURATION_AND_SW_HARDENING_NEEDED -> old
                    ? TcbStatus.TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
                    : launch;
            // The library keeps the launch's status from here on. What runs now is worse, so nothing better can be said.
            case REVOKED -> TcbStatus.REVOKED;
            case OUT_OF_DATE, OUT_OF_DATE_CONFIGURATION_NEEDED, TD_RELAUNCH_ADVISED, TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED ->
                converge(launch, List.of(TcbStatus.OUT_OF_DATE));
        };
    }
}
