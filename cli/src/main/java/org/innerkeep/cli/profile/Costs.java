package org.innerkeep.cli.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.channel.call.Crossing.Side;
import org.innerkeep.channel.profile.EnclaveFigures;
import org.innerkeep.channel.profile.InsideFigures;
import org.innerkeep.channel.profile.MethodFigures;
import org.innerkeep.channel.profile.ProfileService;
import org.innerkeep.channel.profile.Spread;
import org.innerkeep.cli.profile.MethodCost.Way;

/** Puts together what the two ends of the calls measured. */
final class Costs {
    private Costs() {}

    /**
     * Joins figures by interface and method.
     *
     * @param figures of one enclave
     * @return a cost for each method that was called, the most bytes first within each way
     */
    static List<MethodCost> of(EnclaveFigures figures) {
        List<MethodFigures> inside = figures.inside().map(InsideFigures::host).orElse(List.of());
        List<MethodCost> costs = new ArrayList<>();
        costs.addAll(joined(Way.HOST_TO_ENCLAVE, figures.calls(), inside));
        costs.addAll(joined(Way.ENCLAVE_TO_HOST, inside, figures.calls()));
        costs.addAll(joined(
                Way.CLIENT_TO_ENCLAVE, List.of(), figures.inside().map(InsideFigures::clients).orElse(List.of())));
        costs.removeIf(each -> each.service().equals(ProfileService.class.getName()));
        costs.sort(Comparator.comparing(MethodCost::way).thenComparing(Comparator.comparingLong(MethodCost::bytes).reversed()));
        return List.copyOf(costs);
    }

    private static List<MethodCost> joined(Way way, List<MethodFigures> callers, List<MethodFigures> servers) {
        Map<String, MethodFigures> made = byName(Side.MADE, callers);
        Map<String, MethodFigures> served = byName(Side.SERVED, servers);
        Map<String, MethodFigures> all = new LinkedHashMap<>(served);
        // Where both ends told, what the caller saw counts: it saw the calls that never arrived too.
        all.putAll(made);
        return all.entrySet().stream()
                .map(each -> cost(
                        way,
                        each.getValue(),
                        Optional.ofNullable(made.get(each.getKey())).map(MethodFigures::nanos),
                        Optional.ofNullable(served.get(each.getKey())).map(MethodFigures::workNanos)))
                .toList();
    }

    private static MethodCost cost(Way way, MethodFigures figures, Optional<Spread> whole, Optional<Spread> work) {
        return new MethodCost(
                way, figures.service(), figures.method(), figures.calls(), figures.failed(), figures.mostAtOnce(), figures.following(),
                figures.requestBytes(), figures.answerBytes(), whole, work);
    }

    private static Map<String, MethodFigures> byName(Side side, List<MethodFigures> figures) {
        Map<String, MethodFigures> named = new LinkedHashMap<>();
        figures.stream()
                .filter(each -> each.side() == side)
                .forEach(each -> named.put(each.service() + "." + each.method(), each));
        return named;
    }
}
