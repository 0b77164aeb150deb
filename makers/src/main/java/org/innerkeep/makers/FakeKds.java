package org.innerkeep.makers;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.snp.SnpProduct;

/**
 * What the key distribution service of a {@link FakeAmd} answers for one line of products, by path and query (AMD publication 57230).
 * No server of its own: whoever tests puts one in front.
 */
public final class FakeKds {
    /** A component of the TCB as reports name it, and as queries do. */
    private static final Map<String, String> PARAMETERS =
            Map.of("fmc", "fmcSPL", "bootloader", "blSPL", "tee", "teeSPL", "snp", "snpSPL", "microcode", "ucodeSPL");

    private FakeKds() {}

    /**
     * Everything that it answers.
     *
     * @param product the line
     * @param amd whose documents
     * @return answers by path and query, a new map
     */
    public static Map<String, Served> answers(SnpProduct product, FakeAmd amd) {
        Map<String, Served> all = new LinkedHashMap<>();
        all.put(vcek(product, amd), new Served(amd.vcek()));
        all.put(chain(product, false), new Served(pem(amd.ask(), amd.ark())));
        all.put(chain(product, true), new Served(pem(amd.asvk(), amd.ark())));
        all.put(list(product, false), new Served(amd.revocationList()));
        all.put(list(product, true), new Served(amd.revocationList()));
        return all;
    }

    /**
     * Where the certificate of the chip's key is.
     *
     * @param product the line
     * @param amd whose chip, at which TCB
     * @return path and query
     */
    public static String vcek(SnpProduct product, FakeAmd amd) {
        byte[] levels = amd.tcb().toArray();
        String query = IntStream.range(0, levels.length)
                .filter(i -> PARAMETERS.containsKey(product.tcbComponents().get(i)))
                .mapToObj(i -> PARAMETERS.get(product.tcbComponents().get(i)) + "=" + Byte.toUnsignedInt(levels[i]))
                .collect(Collectors.joining("&"));
        return "/vcek/v1/" + product + "/" + amd.hardwareId().hex() + "?" + query;
    }

    /**
     * Where the certificates over keys are.
     *
     * @param product the line
     * @param vlek of those that clouds load, else of chips' own
     * @return the path
     */
    public static String chain(SnpProduct product, boolean vlek) {
        return "/" + (vlek ? "vlek" : "vcek") + "/v1/" + product + "/cert_chain";
    }

    /**
     * Where a revocation list is.
     *
     * @param product the line
     * @param vlek that for the authority over keys that clouds load, else for the one over chips' own
     * @return the path
     */
    public static String list(SnpProduct product, boolean vlek) {
        return "/" + (vlek ? "vlek" : "vcek") + "/v1/" + product + "/crl";
    }

    /**
     * Certificates as the service gives them.
     *
     * @param authorities in this order
     * @return PEM
     */
    public static Bytes pem(Authority... authorities) {
        StringBuilder all = new StringBuilder();
        for (Authority each : authorities) {
            all.append(new String(FakeIntel.pem(each.certificate()).toArray(), StandardCharsets.US_ASCII));
        }
        return Bytes.of(all.toString().getBytes(StandardCharsets.US_ASCII));
    }
}
