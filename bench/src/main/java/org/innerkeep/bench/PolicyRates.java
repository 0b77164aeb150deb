package org.innerkeep.bench;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.innerkeep.policy.Claim;
import org.innerkeep.policy.Decision;
import org.innerkeep.policy.Policy;

/**
 * How many times one thread decides by a policy in a second, claims and policy ready in memory. Beside it, in the same run and in turns,
 * CEL-Java with an expression that decides the same and gives the same claims.
 */
public final class PolicyRates {
    private static final int BATCH = 200;

    /** One policy in both languages, and claims that it permits. */
    record Job(String name, String policy, String expression, Map<String, Object> claims, Map<String, Object> issued) {}

    private final double seconds;
    private final int rounds;
    private final Report report;

    private PolicyRates(boolean quick) {
        this.seconds = quick ? 1 : 4;
        this.rounds = quick ? 3 : 5;
        this.report = new Report(quick);
    }

    /**
     * Measures.
     *
     * @param arguments perhaps {@code --quick}
     * @throws Exception if the two decide differently, or not as they should
     */
    public static void main(String[] arguments) throws Exception {
        PolicyRates rates = new PolicyRates(arguments.length > 0);
        for (Job job : jobs()) {
            rates.measure(job);
        }
        rates.report.skip("Open Policy Agent: no package compiles its language to WebAssembly");
        new PrintStream(System.out, true, StandardCharsets.UTF_8).print(rates.report.table());
    }

    static List<Job> jobs() {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("x-ms-attestation-type", "sgx");
        claims.put("x-ms-sgx-is-debuggable", false);
        claims.put("x-ms-sgx-product-id", 1L);
        claims.put("x-ms-sgx-svn", 5L);
        claims.put("x-ms-sgx-mrsigner", signer(9));
        claims.put("x-ms-sgx-mrenclave", "cd".repeat(32));
        claims.put("x-ms-sgx-report-data", "ef".repeat(64));
        claims.put("tcb-status", "UpToDate");
        Map<String, Object> issued = new LinkedHashMap<>();
        issued.put("tee", "sgx");
        issued.put("svn", 5L);
        issued.put("sgx-mrsigner", signer(9));
        String issuance = """
                issuancerules {
                    c:[type=="x-ms-attestation-type"] => issue(type="tee", value=c.value);
                    c:[type=="x-ms-sgx-svn"] => issue(type="svn", value=c.value);
                    c:[type=="x-ms-sgx-mrsigner"] => issue(type="sgx-mrsigner", value=c.value);
                };
                """;
        String results = " ? {'tee': claims['x-ms-attestation-type'], 'svn': claims['x-ms-sgx-svn'], "
                + "'sgx-mrsigner': claims['x-ms-sgx-mrsigner']} : {}";
        String rule = """
                    [type=="x-ms-sgx-is-debuggable", value==false]
                    && [type=="x-ms-sgx-mrsigner", value=="SIGNER"]
                    && [type=="x-ms-sgx-product-id", value==1]
                    && [type=="x-ms-sgx-svn", value>=3]
                    && [type=="tcb-status", value=="UpToDate"]
                    => permit();
                """;
        String conditions = "claims['x-ms-sgx-is-debuggable'] == false && SIGNERS && claims['x-ms-sgx-product-id'] == 1"
                + " && claims['x-ms-sgx-svn'] >= 3 && claims['tcb-status'] == 'UpToDate'";
        String one = "claims['x-ms-sgx-mrsigner'] == '" + signer(9) + "'";
        String ten = "claims['x-ms-sgx-mrsigner'] in [" + IntStream.range(0, 10).mapToObj(i -> "'" + signer(i) + "'")
                .collect(Collectors.joining(", ")) + "]";
        return List.of(
                new Job("one signer, five conditions, three claims issued",
                        "version=1.0; authorizationrules {\n" + rule.replace("SIGNER", signer(9)) + "};\n" + issuance,
                        conditions.replace("SIGNERS", one) + results, claims, issued),
                new Job("ten signers, a rule for each, the last fits",
                        "version=1.0; authorizationrules {\n" + IntStream.range(0, 10).mapToObj(i -> rule.replace("SIGNER", signer(i)))
                                .collect(Collectors.joining()) + "};\n" + issuance,
                        conditions.replace("SIGNERS", ten) + results, claims, issued));
    }

    private static String signer(int number) {
        return "ab".repeat(31) + "0" + number;
    }

    /** Our decision; the claims are issued or it fails. */
    static Callable<Boolean> ours(Job job) {
        Policy policy = Policy.parse(job.policy()).orThrow();
        List<Claim> claims = Claim.proven(job.claims());
        return () -> {
            Decision decision = policy.evaluate(claims);
            return decision.permitted() && decision.issued().size() == job.issued().size();
        };
    }

    /** CEL's, by its ordinary runtime or by the newer one that plans ahead. */
    static Callable<Boolean> cel(Job job, boolean planner) throws CelValidationException, CelEvaluationException {
        Cel cel = (planner ? CelFactory.plannerCelBuilder() : CelFactory.standardCelBuilder())
                .addVar("claims", MapType.create(SimpleType.STRING, SimpleType.DYN))
                .build();
        CelRuntime.Program program = cel.createProgram(cel.compile(job.expression()).getAst());
        Map<String, Object> variables = Map.of("claims", Map.copyOf(job.claims()));
        return () -> program.eval(variables) instanceof Map<?, ?> result && result.size() == job.issued().size();
    }

    private void measure(Job job) throws Exception {
        Map<String, Callable<Boolean>> contestants = new LinkedHashMap<>();
        contestants.put("ours", ours(job));
        contestants.put("CEL-Java 0.14.0", cel(job, false));
        contestants.put("CEL-Java 0.14.0, planner", cel(job, true));
        Map<String, List<Double>> runs = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<String, Callable<Boolean>> each : contestants.entrySet()) {
                System.err.println(job.name() + ", round " + (round + 1) + ": " + each.getKey() + " …");
                count(each.getValue(), seconds / 2);
                runs.computeIfAbsent(each.getKey(), key -> new ArrayList<>()).add(count(each.getValue(), seconds));
            }
        }
        Map<String, Figure> figures = new LinkedHashMap<>();
        runs.forEach((each, values) ->
                figures.put(each, Figure.median(values.stream().mapToDouble(Double::doubleValue).toArray(), "/s")));
        Figure ours = figures.remove("ours");
        if (ours == null) {
            throw new IllegalStateException("nothing was measured");
        }
        Comparison comparison = new Comparison("policy, " + job.name(), ours);
        figures.forEach(comparison::with);
        report.add(comparison);
    }

    private static double count(Callable<Boolean> work, double seconds) throws Exception {
        long begin = System.nanoTime();
        long elapsed = 0;
        long count = 0;
        while (elapsed < seconds * TimeUnit.SECONDS.toNanos(1)) {
            for (int i = 0; i < BATCH; i++) {
                if (!work.call()) {
                    throw new IllegalStateException("something good was not permitted");
                }
            }
            count += BATCH;
            elapsed = System.nanoTime() - begin;
        }
        return count * (double) TimeUnit.SECONDS.toNanos(1) / elapsed;
    }
}
