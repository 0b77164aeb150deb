package org.innerkeep.channel.job;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Compares two jobs field by field. Every field of {@link Job.Content} is compared, or a change of it would go unexplained. */
final class JobDifferences {
    private final List<String> lines = new ArrayList<>();

    private JobDifferences() {}

    static List<String> between(Job.Content agreed, Job.Content found) {
        JobDifferences differences = new JobDifferences();
        differences.value("name", agreed.name(), found.name());
        differences.code(agreed.code(), found.code());
        differences.list("columns", agreed.columns(), found.columns());
        differences.value("label", agreed.label(), found.label());
        differences.map("parameters", agreed.parameters(), found.parameters());
        differences.value("minimumRecords", agreed.minimumRecords(), found.minimumRecords());
        differences.map(
                "owners",
                byName(agreed.owners(), JobOwner::name, owner -> owner.key()),
                byName(found.owners(), JobOwner::name, owner -> owner.key()));
        differences.map(
                "recipients",
                byName(agreed.recipients(), JobRecipient::name, JobRecipient::recipient),
                byName(found.recipients(), JobRecipient::name, JobRecipient::recipient));
        return List.copyOf(differences.lines);
    }

    private void code(JobCode agreed, JobCode found) {
        value("code.signer", agreed.signer(), found.signer());
        value("code.product", agreed.product(), found.product());
        value("code.minSvn", agreed.minSvn(), found.minSvn());
        list("code.runtimes", agreed.runtimes(), found.runtimes());
        list("code.measurements", agreed.measurements(), found.measurements());
    }

    private void value(String path, Object agreed, Object found) {
        if (!agreed.equals(found)) {
            lines.add(path + ": agreed " + agreed + ", found " + found);
        }
    }

    private void list(String path, List<?> agreed, List<?> found) {
        Set<Object> before = new LinkedHashSet<>(agreed);
        Set<Object> after = new LinkedHashSet<>(found);
        before.stream().filter(item -> !after.contains(item)).forEach(item -> lines.add(path + ": removed " + item));
        after.stream().filter(item -> !before.contains(item)).forEach(item -> lines.add(path + ": added " + item));
        order(path, List.copyOf(before), List.copyOf(after));
    }

    private void map(String path, Map<String, ?> agreed, Map<String, ?> found) {
        agreed.forEach((name, value) -> {
            Object other = found.get(name);
            if (other == null) {
                lines.add(path + ": removed " + name + " (" + shown(value) + ")");
            } else if (!Objects.equals(value, other)) {
                lines.add(path + "." + name + ": agreed " + shown(value) + ", found " + shown(other));
            }
        });
        found.forEach((name, value) -> {
            if (!agreed.containsKey(name)) {
                lines.add(path + ": added " + name + " (" + shown(value) + ")");
            }
        });
        order(path, List.copyOf(agreed.keySet()), List.copyOf(found.keySet()));
    }

    /** Shortens a hybrid recipient, of 1959 characters, to what a person can compare. Only shown: what is compared is whole. */
    private static String shown(Object value) {
        String text = value.toString();
        boolean recipient = value instanceof String && text.startsWith("age1pq1");
        return recipient ? text.substring(0, 27) + "…" + text.substring(text.length() - 20) : text;
    }

    /** Order matters: tables are joined in the order of the owners. */
    private void order(String path, List<?> agreed, List<?> found) {
        if (!agreed.equals(found) && Set.copyOf(agreed).equals(Set.copyOf(found))) {
            lines.add(path + ": the same items in another order");
        }
    }

    private static <T, V> Map<String, V> byName(List<T> items, Function<T, String> name, Function<T, V> value) {
        return items.stream().collect(Collectors.toMap(name, value, (a, b) -> a, LinkedHashMap::new));
    }
}
