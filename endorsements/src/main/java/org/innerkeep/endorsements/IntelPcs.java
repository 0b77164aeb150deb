package org.innerkeep.endorsements;

import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Need;

/**
 * Intel's Provisioning Certification Service (PCS API version 4), or a caching service in front of it (PCCS), which has the same
 * resources: TCB info, identities of quoting enclaves, and revocation lists. The certificates that sign them come along in a header;
 * they are part of the answer, and kept for when they are asked for. A revocation list of the root is asked for where it was
 * configured, never where a certificate says.
 *
 * <p>Safe for use by several threads.
 */
public final class IntelPcs implements Endorsements {
    /** Where Intel runs its service. */
    public static final URI INTEL = URI.create("https://api.trustedservices.intel.com");

    /** Where Intel publishes the revocation list of its root. */
    public static final URI INTEL_ROOT_LIST = URI.create("https://certificates.trustedservices.intel.com/IntelSGXRootCA.der");

    private static final List<String> CHAIN_HEADERS = List.of(
            "TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain", "SGX-Enclave-Identity-Issuer-Chain", "SGX-PCK-CRL-Issuer-Chain");

    /** Which of the TCB infos and identities that Intel publishes at a time is asked for. */
    public sealed interface Version {
        /** {@return as Intel gives it when it is asked for none in particular: as {@link #standard()}, by its documentation} */
        static Version unspecified() {
            return new Query("");
        }

        /** {@return those that all platforms should have reached} */
        static Version standard() {
            return new Query("update=standard");
        }

        /** {@return those that were published last, which platforms have time to reach} */
        static Version early() {
            return new Query("update=early");
        }

        /**
         * Those of one evaluation.
         *
         * @param number the {@code tcbEvaluationDataNumber}, not negative
         * @return the version
         * @throws IllegalArgumentException if it is negative
         */
        static Version evaluation(int number) {
            if (number < 0) {
                throw new IllegalArgumentException("evaluation: expected a number that is not negative");
            }
            return new Query("tcbEvaluationDataNumber=" + number);
        }

        /**
         * A version as it stands in a query. Made by the methods above.
         *
         * @param text the parameter, or nothing
         */
        record Query(String text) implements Version {
            /**
             * Checks the form.
             *
             * @throws IllegalArgumentException if it is no parameter
             */
            public Query {
                if (!text.matches("([A-Za-z]+=[A-Za-z0-9]+)?")) {
                    throw new IllegalArgumentException("version: expected one parameter of a query");
                }
            }
        }
    }

    private final String base;
    private final String rootList;
    private final Version.Query version;
    private final Fetcher fetcher;
    private final Companions companions = new Companions();

    IntelPcs(String base, String rootList, Version version, Fetcher fetcher) {
        this.base = base;
        this.rootList = rootList;
        this.version = (Version.Query) version;
        this.fetcher = fetcher;
    }

    /**
     * Intel's own service.
     *
     * @param client that never follows redirects
     * @param version which TCB infos and identities
     * @param limits how much it may take
     * @return the endorsements
     * @throws IllegalArgumentException if the client follows redirects
     */
    public static IntelPcs intel(HttpClient client, Version version, Limits limits) {
        return new IntelPcs(Fetcher.checked(INTEL), Fetcher.checked(INTEL_ROOT_LIST), version, new Fetcher(client, limits));
    }

    /**
     * A service of the same interface with a revocation list of the root elsewhere.
     *
     * @param client that never follows redirects
     * @param base its address, HTTPS, or HTTP on this machine
     * @param rootList where the revocation list of the root is, likewise
     * @param version which TCB infos and identities
     * @param limits how much it may take
     * @return the endorsements
     * @throws IllegalArgumentException if the client follows redirects, or an address is of another form
     */
    public static IntelPcs at(HttpClient client, URI base, URI rootList, Version version, Limits limits) {
        return new IntelPcs(Fetcher.checked(base), Fetcher.checked(rootList), version, new Fetcher(client, limits));
    }

    /**
     * A caching service, which has the revocation list of the root too.
     *
     * @param client that never follows redirects, and trusts the service's certificate
     * @param base its address, HTTPS, or HTTP on this machine
     * @param version which TCB infos and identities
     * @param limits how much it may take
     * @return the endorsements
     * @throws IllegalArgumentException if the client follows redirects, or the address is of another form
     */
    public static IntelPcs pccs(HttpClient client, URI base, Version version, Limits limits) {
        return pccs(base, version, new Fetcher(client, limits));
    }

    static IntelPcs pccs(URI base, Version version, Fetcher fetcher) {
        String address = Fetcher.checked(base);
        return new IntelPcs(address, address + "/sgx/certification/v4/rootcacrl", version, fetcher);
    }

    @Override
    public Answer find(Need need) {
        return switch (need) {
            case Need.TcbInfo info -> info.fmspc().length() == 6
                    ? json(tee(info.tee()) + "/tcb?fmspc=" + info.fmspc().hex().toUpperCase(Locale.ROOT) + query('&'))
                    : none();
            case Need.EnclaveIdentity identity -> json(tee(identity.tee()) + "/qe/identity" + query('?'));
            case Need.RevocationList list -> revocationList(list);
            case Need.IssuerCertificate certificate -> issuer(certificate);
            case Need.PckCertificate pck -> new Answer(
                    List.of(), List.of("the certificate of a PCK key: Intel gives it to subscribers only; put it among the endorsements"));
            case Need.Vcek vcek -> none();
            case Need.Vlek vlek -> none();
            case Need.AmdChain chain -> none();
            case Need.ChainOf chain -> none();
            case Need.TokenKeys keys -> none();
        };
    }

    private static Answer none() {
        return new Answer(List.of(), List.of());
    }

    private String tee(Need.Tee tee) {
        return base + switch (tee) {
            case SGX -> "/sgx/certification/v4";
            case TDX -> "/tdx/certification/v4";
        };
    }

    private String query(char first) {
        return version.text().isEmpty() ? "" : first + version.text();
    }

    private Answer json(String address) {
        return switch (fetcher.get(address)) {
            case Fetcher.Outcome.None none -> new Answer(List.of(), List.of(none.problem()));
            case Fetcher.Outcome.Found found -> found.body().toArray()[0] == '{'
                    ? withChain(found.body(), found)
                    : new Answer(List.of(), List.of(address + ": an answer that is no JSON object"));
        };
    }

    private Answer revocationList(Need.RevocationList need) {
        return switch (Names.common(need.issuer()).orElse("")) {
            case "Intel SGX Root CA" -> list(rootList);
            case "Intel SGX PCK Processor CA" -> list(pckList("processor"));
            case "Intel SGX PCK Platform CA" -> list(pckList("platform"));
            default -> none();
        };
    }

    private String pckList(String authority) {
        return base + "/sgx/certification/v4/pckcrl?ca=" + authority + "&encoding=der";
    }

    private Answer list(String address) {
        return switch (fetcher.get(address)) {
            case Fetcher.Outcome.None none -> new Answer(List.of(), List.of(none.problem()));
            case Fetcher.Outcome.Found found -> der(found.body())
                    .map(list -> withChain(list, found))
                    .orElseGet(() -> new Answer(List.of(), List.of(address + ": an answer that is no revocation list")));
        };
    }

    /** Intel's service gives DER; caching services give some lists as its hexadecimal text. */
    private static Optional<Bytes> der(Bytes body) {
        if (body.toArray()[0] == 0x30 && body.length() > 1 && body.toArray()[1] < 0) {
            return Optional.of(body);
        }
        try {
            Bytes decoded = Bytes.fromHex(new String(body.toArray(), StandardCharsets.ISO_8859_1).strip());
            return decoded.length() > 0 && decoded.toArray()[0] == 0x30 ? Optional.of(decoded) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Answer withChain(Bytes document, Fetcher.Outcome.Found found) {
        List<Bytes> documents = new ArrayList<>(List.of(document));
        for (String header : CHAIN_HEADERS) {
            found.header(header).ifPresent(value -> documents.addAll(PemChain.ofHeader(value)));
        }
        companions.keep(documents);
        return new Answer(documents, List.of());
    }

    /** Certificates come along with what they sign; those over platforms' keys come along with the lists that they sign too. */
    private Answer issuer(Need.IssuerCertificate need) {
        List<Bytes> kept = companions.find(need);
        if (!kept.isEmpty()) {
            return new Answer(kept, List.of());
        }
        Optional<Answer> brought = switch (Names.common(need.subject()).orElse("")) {
            case "Intel SGX PCK Processor CA" -> Optional.of(list(pckList("processor")));
            case "Intel SGX PCK Platform CA", "Intel SGX Root CA" -> Optional.of(list(pckList("platform")));
            case "Intel SGX TCB Signing" -> Optional.of(find(new Need.EnclaveIdentity(Need.Tee.SGX)));
            default -> Optional.empty();
        };
        if (brought.isPresent()) {
            return new Answer(companions.find(need), brought.get().problems());
        }
        return none();
    }
}
