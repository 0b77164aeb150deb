package org.innerkeep.endorsements;

import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Need;

/**
 * AMD's Key Distribution Service (AMD publication 57230): certificates of chips' keys, of the authorities over them, and revocation
 * lists. It answers few requests at a time: put a {@link CachingEndorsements} in front.
 *
 * <p>Safe for use by several threads.
 */
public final class AmdKds implements Endorsements {
    /** Where AMD runs its service. */
    public static final URI AMD = URI.create("https://kdsintf.amd.com");

    /** AMD's authorities: the root, the one over chips' keys and the one over keys that clouds load, of a product line. */
    private static final Pattern AUTHORITY = Pattern.compile("(ARK-|SEV-VLEK-|SEV-)(Milan|Genoa|Turin)");

    private static final String CHIPS = "vcek";
    private static final String CLOUDS = "vlek";

    private final String base;
    private final Fetcher fetcher;

    AmdKds(String base, Fetcher fetcher) {
        this.base = base;
        this.fetcher = fetcher;
    }

    /**
     * AMD's own service.
     *
     * @param client that never follows redirects
     * @param limits how much it may take
     * @return the endorsements
     * @throws IllegalArgumentException if the client follows redirects
     */
    public static AmdKds amd(HttpClient client, Limits limits) {
        return at(client, AMD, limits);
    }

    /**
     * A service of the same interface.
     *
     * @param client that never follows redirects
     * @param base its address, HTTPS, or HTTP on this machine
     * @param limits how much it may take
     * @return the endorsements
     * @throws IllegalArgumentException if the client follows redirects, or the address is of another form
     */
    public static AmdKds at(HttpClient client, URI base, Limits limits) {
        return new AmdKds(Fetcher.checked(base), new Fetcher(client, limits));
    }

    @Override
    public Answer find(Need need) {
        return switch (need) {
            case Need.Vcek vcek -> vcek(vcek);
            case Need.Vlek vlek -> new Answer(
                    List.of(), List.of("the certificate of a key that a cloud loaded (VLEK): only that cloud gives it, beside the report"));
            case Need.AmdChain chain ->
                isProduct(chain.product()) ? chain(chain.vlek() ? CLOUDS : CHIPS, chain.product()) : none();
            case Need.RevocationList list -> revocationLists(list);
            case Need.IssuerCertificate certificate -> issuer(certificate);
            case Need.TcbInfo info -> none();
            case Need.EnclaveIdentity identity -> none();
            case Need.PckCertificate pck -> none();
            case Need.ChainOf chain -> none();
            case Need.TokenKeys keys -> none();
        };
    }

    private static Answer none() {
        return new Answer(List.of(), List.of());
    }

    private static boolean isProduct(String name) {
        return AUTHORITY.matcher("ARK-" + name).matches();
    }

    private Answer vcek(Need.Vcek need) {
        boolean turin = need.product().equals("Turin");
        byte[] tcb = need.tcb().toArray();
        if (!isProduct(need.product()) || tcb.length != 8 || need.chipId().length() != (turin ? 8 : 64)) {
            return none();
        }
        // The order of the parts in the reported TCB differs between product lines (SEV-SNP firmware ABI, TCB_VERSION).
        String parts = turin
                ? "?fmcSPL=" + part(tcb[0]) + "&blSPL=" + part(tcb[1]) + "&teeSPL=" + part(tcb[2]) + "&snpSPL=" + part(tcb[3])
                : "?blSPL=" + part(tcb[0]) + "&teeSPL=" + part(tcb[1]) + "&snpSPL=" + part(tcb[6]);
        String address = base + "/vcek/v1/" + need.product() + "/" + need.chipId().hex() + parts + "&ucodeSPL=" + part(tcb[7]);
        return der(address, "certificate");
    }

    private static String part(byte svn) {
        return Integer.toString(svn & 0xff);
    }

    private Answer der(String address, String what) {
        return switch (fetcher.get(address)) {
            case Fetcher.Outcome.None none -> new Answer(List.of(), List.of(none.problem()));
            case Fetcher.Outcome.Found found -> found.body().toArray()[0] == 0x30
                    ? new Answer(List.of(found.body()), List.of())
                    : new Answer(List.of(), List.of(address + ": an answer that is no " + what));
        };
    }

    private Answer chain(String keys, String product) {
        String address = base + "/" + keys + "/v1/" + product + "/cert_chain";
        return switch (fetcher.get(address)) {
            case Fetcher.Outcome.None none -> new Answer(List.of(), List.of(none.problem()));
            case Fetcher.Outcome.Found found -> {
                List<Bytes> certificates = PemChain.of(new String(found.body().toArray(), StandardCharsets.ISO_8859_1));
                yield new Answer(
                        certificates, certificates.isEmpty() ? List.of(address + ": an answer without certificates") : List.of());
            }
        };
    }

    /**
     * The root signs two lists, one for authorities over chips' keys and one for those over clouds', under one name and with nothing in
     * them that tells which is which. So half an answer would look like a whole one, and what the other half revokes like what nobody
     * revoked: there are both or none.
     */
    private Answer revocationLists(Need.RevocationList need) {
        Matcher authority = AUTHORITY.matcher(Names.common(need.issuer()).orElse(""));
        if (!authority.matches() || !authority.group(1).equals("ARK-")) {
            return none();
        }
        List<Bytes> lists = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (String keys : List.of(CHIPS, CLOUDS)) {
            Answer answer = der(base + "/" + keys + "/v1/" + authority.group(2) + "/crl", "revocation list");
            lists.addAll(answer.documents());
            problems.addAll(answer.problems());
        }
        return problems.isEmpty() ? new Answer(lists, List.of()) : new Answer(List.of(), problems);
    }

    private Answer issuer(Need.IssuerCertificate need) {
        Matcher authority = AUTHORITY.matcher(Names.common(need.subject()).orElse(""));
        if (!authority.matches()) {
            return none();
        }
        Answer chain = chain(authority.group(1).equals("SEV-VLEK-") ? CLOUDS : CHIPS, authority.group(2));
        Companions found = new Companions();
        found.keep(chain.documents());
        return new Answer(found.find(need), chain.problems());
    }
}
