package org.innerkeep.evidence.dcap;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.internal.JsonValue;

/**
 * What Intel says of the versions of one kind of platform (Intel PCS API, version 4, {@code TcbInfo}): version 3, and version 2, which
 * is of SGX only, names no advisories and is served no more. Parsed and not verified. Fields that are not known are left out of
 * account, as Intel adds some without a new version.
 *
 * @param version 2 or 3
 * @param tee of what
 * @param issueDate since when it holds
 * @param nextUpdate until when it holds
 * @param fmspc kind of platform, 6 bytes
 * @param pceId id of the provisioning certification enclave, 2 bytes
 * @param evaluation {@code tcbEvaluationDataNumber}
 * @param module the TDX module of version 0; for TDX only
 * @param modules TDX modules of later versions
 * @param levels highest first: by SGX components, then PCESVN, then TDX components
 * @param signed the bytes that are signed
 * @param signature 64 bytes
 */
public record TcbInfo(
        int version,
        Need.Tee tee,
        Instant issueDate,
        Instant nextUpdate,
        Bytes fmspc,
        Bytes pceId,
        int evaluation,
        Optional<Module> module,
        List<Module> modules,
        List<Level> levels,
        Bytes signed,
        Bytes signature)
        implements SignedJson {
    private static final int COMPONENTS = 16;
    private static final List<TcbStatus> PLATFORM_STATUSES = List.of(
            TcbStatus.UP_TO_DATE,
            TcbStatus.SW_HARDENING_NEEDED,
            TcbStatus.CONFIGURATION_NEEDED,
            TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED,
            TcbStatus.OUT_OF_DATE,
            TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED,
            TcbStatus.REVOKED);
    private static final List<TcbStatus> MODULE_STATUSES =
            List.of(TcbStatus.UP_TO_DATE, TcbStatus.OUT_OF_DATE, TcbStatus.REVOKED);

    /**
     * Versions of a platform, and how current they are.
     *
     * @param sgxComponents the least versions, 16 bytes of one version each
     * @param pceSvn the least version of the provisioning certification enclave
     * @param tdxComponents the least versions, 16 bytes of one version each; for TDX only
     * @param status how current
     * @param date {@code tcbDate}
     * @param advisories those open at this level
     */
    public record Level(
            Bytes sgxComponents,
            int pceSvn,
            Optional<Bytes> tdxComponents,
            TcbStatus status,
            Instant date,
            List<String> advisories)
            implements Comparable<Level> {
        private static final Comparator<Level> HIGHEST_FIRST = Comparator.comparing(Level::sgxComponents)
                .thenComparingInt(Level::pceSvn)
                .thenComparing(level -> level.tdxComponents().orElse(Bytes.EMPTY))
                .reversed();

        /** Copies the advisories. */
        public Level {
            advisories = List.copyOf(advisories);
        }

        @Override
        public int compareTo(Level other) {
            return HIGHEST_FIRST.compare(this, other);
        }
    }

    /**
     * A TDX module.
     *
     * @param id {@code TDX_} and its version in two hexadecimal digits, upper case; empty for that of version 0
     * @param mrSigner 48 bytes
     * @param attributes 8 bytes
     * @param attributesMask 8 bytes: which of the attributes count
     * @param levels the newest first; empty for that of version 0
     */
    public record Module(String id, Bytes mrSigner, Bytes attributes, Bytes attributesMask, List<SvnLevel> levels) {
        /** Copies the levels. */
        public Module {
            levels = List.copyOf(levels);
        }
    }

    /** Copies the lists. */
    public TcbInfo {
        modules = List.copyOf(modules);
        levels = List.copyOf(levels);
    }

    /**
     * Reads the JSON as Intel serves it.
     *
     * @param text hostile bytes
     * @return the TCB info, of which nothing is verified
     * @throws MalformedException if the text is anything else
     */
    public static TcbInfo parse(byte[] text) throws MalformedException {
        return parse(text, JsonValue.object("TCB info", text));
    }

    static TcbInfo parse(byte[] text, JsonValue.Obj outer) throws MalformedException {
        JsonValue.Obj info = SignedJson.inner(outer, "tcbInfo");
        Bytes signature = outer.hex("signature", 64);
        int version = (int) info.integer("version", 2, 3);
        Need.Tee tee = version == 2 ? Need.Tee.SGX : tee(info);
        info.integer("tcbType", 0, 0);
        boolean tdx = tee == Need.Tee.TDX;
        Optional<Module> module = tdx ? Optional.of(module("", info.object("tdxModule"), List.of())) : Optional.empty();
        return new TcbInfo(
                version,
                tee,
                SignedJson.time(info, "issueDate"),
                SignedJson.time(info, "nextUpdate"),
                info.hex("fmspc", 6),
                info.hex("pceId", 2),
                (int) info.integer("tcbEvaluationDataNumber", 0, Integer.MAX_VALUE),
                module,
                tdx ? modules(info) : List.of(),
                levels(info, version, tdx),
                SignedJson.slice(text, info),
                signature);
    }

    private static Need.Tee tee(JsonValue.Obj info) throws MalformedException {
        return switch (info.text("id")) {
            case "SGX" -> Need.Tee.SGX;
            case "TDX" -> Need.Tee.TDX;
            default -> throw new MalformedException("id", info.start(), "expected SGX or TDX");
        };
    }

    private static Module module(String id, JsonValue.Obj object, List<SvnLevel> levels) throws MalformedException {
        return new Module(
                id, object.hex("mrsigner", 48), object.hex("attributes", 8), object.hex("attributesMask", 8), levels);
    }

    private static List<Module> modules(JsonValue.Obj info) throws MalformedException {
        List<Module> found = new ArrayList<>();
        if (info.find("tdxModuleIdentities").isEmpty()) {
            return found;
        }
        Set<String> ids = new HashSet<>();
        for (JsonValue each : info.array("tdxModuleIdentities", MAX_ITEMS)) {
            JsonValue.Obj object = SignedJson.asObject("tdxModuleIdentities", each);
            String id = object.text("id").toUpperCase(Locale.ROOT);
            if (!ids.add(id)) {
                throw new MalformedException("tdxModuleIdentities", object.start(), "expected every module once");
            }
            found.add(module(id, object, SignedJson.levels(object, MODULE_STATUSES)));
        }
        return found;
    }

    private static List<Level> levels(JsonValue.Obj info, int version, boolean tdx) throws MalformedException {
        List<Level> found = new ArrayList<>();
        for (JsonValue each : info.array("tcbLevels", MAX_ITEMS)) {
            JsonValue.Obj level = SignedJson.asObject("tcbLevels", each);
            JsonValue.Obj tcb = level.object("tcb");
            found.add(new Level(
                    version == 2 ? numbered(tcb) : components(tcb, "sgxtcbcomponents"),
                    (int) tcb.integer("pcesvn", 0, 0xffff),
                    tdx ? Optional.of(components(tcb, "tdxtcbcomponents")) : Optional.empty(),
                    SignedJson.status(level, PLATFORM_STATUSES),
                    SignedJson.time(level, "tcbDate"),
                    SignedJson.advisories(level)));
        }
        found.sort(null);
        boolean twice = false;
        for (int i = 1; i < found.size(); i++) {
            twice |= found.get(i - 1).compareTo(found.get(i)) == 0;
        }
        if (found.isEmpty() || twice) {
            throw new MalformedException("tcbLevels", info.start(), "expected at least one level, and none twice");
        }
        return found;
    }

    private static Bytes numbered(JsonValue.Obj tcb) throws MalformedException {
        byte[] versions = new byte[COMPONENTS];
        for (int i = 0; i < COMPONENTS; i++) {
            versions[i] = (byte) tcb.integer(String.format(Locale.ROOT, "sgxtcbcomp%02dsvn", i + 1), 0, 255);
        }
        return Bytes.of(versions);
    }

    private static Bytes components(JsonValue.Obj tcb, String name) throws MalformedException {
        List<JsonValue> items = tcb.array(name, COMPONENTS);
        if (items.size() != COMPONENTS) {
            throw new MalformedException(name, tcb.start(), "expected 16 components, found " + items.size());
        }
        byte[] versions = new byte[COMPONENTS];
        for (int i = 0; i < COMPONENTS; i++) {
            versions[i] = (byte) SignedJson.asObject(name, items.get(i)).integer("svn", 0, 255);
        }
        return Bytes.of(versions);
    }
}
