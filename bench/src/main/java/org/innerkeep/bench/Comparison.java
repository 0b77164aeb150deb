package org.innerkeep.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was measured of ours, beside its peers and limits of the same run. */
final class Comparison implements Report.Row {
    private final String name;
    private final Figure ours;
    private final Map<String, Figure> peers = new LinkedHashMap<>();

    Comparison(String name, Figure ours) {
        this.name = name;
        this.ours = ours;
    }

    Comparison with(String peer, Figure figure) {
        if (!figure.unit().equals(ours.unit())) {
            throw new IllegalArgumentException(peer + " is in " + figure.unit() + ", " + name + " in " + ours.unit());
        }
        peers.put(peer, figure);
        return this;
    }

    private double ratio(Figure peer) {
        return ours.value() / peer.value();
    }

    @Override
    public String table() {
        StringBuilder table = new StringBuilder(String.format("%-62s %24s%n", name, ours));
        peers.forEach((peer, figure) ->
                table.append(String.format("    %-58s %24s  %s%n", peer, figure, Figure.number(ratio(figure)) + "×")));
        return table.toString();
    }

    @Override
    public String json() {
        List<String> beside = new ArrayList<>();
        peers.forEach((peer, figure) -> beside.add(
                "{\"name\": " + Report.text(peer) + ", " + json(figure) + ", \"ratio\": " + Report.number(ratio(figure)) + "}"));
        return "{\"name\": " + Report.text(name) + ", " + json(ours) + ",\n     \"peers\": [" + String.join(",\n       ", beside) + "]}";
    }

    private static String json(Figure figure) {
        return "\"value\": " + Report.number(figure.value()) + ", \"error\": " + Report.number(figure.error()) + ", \"unit\": "
                + Report.text(figure.unit());
    }
}
