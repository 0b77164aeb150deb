package org.innerkeep.examples.hospitals.outside;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An owner's own step before it seals, on its own machine: brings its table to the form that the owners agreed on. Knows the
 * breast cancer cohorts of Rotterdam and of the German Breast Cancer Study Group as the R package survival exports them
 * ({@code write.csv(rotterdam, row.names = FALSE)}); both become the columns of {@code two-centres.json}.
 *
 * <p>The label is 1 where the disease came back or the patient died within three years of 365 days, 0 where neither
 * happened for at least so long. Who was followed for less, without either, is left out: nobody knows. In Rotterdam's table
 * recurrence and death have times of their own; without recurrence the time of death or last sight counts. Sizes become the
 * classes that Rotterdam kept: 0 up to 20 mm, 1 up to 50 mm, 2 above.
 *
 * <p>A message names line and column and never a value.
 */
public final class Prepare {
    private static final int THREE_YEARS = 3 * 365;
    private static final List<String> SAME = List.of("age", "meno", "grade", "nodes", "pgr", "er", "hormon");
    private static final String HEADER = "age,meno,size,grade,nodes,pgr,er,hormon,event";
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");

    /** Which centre's form a table has. */
    public enum Table {
        /** Rotterdam's: sizes in classes, recurrence and death each with its own time. */
        ROTTERDAM,
        /** The German Breast Cancer Study Group's: sizes in millimetres, one time for recurrence or death. */
        GBSG
    }

    private record Row(Map<String, String> cells, int line) {
        String cell(String column) {
            String cell = cells.get(column);
            if (cell == null) {
                throw new IllegalArgumentException("line 1: column \"" + column + "\" is missing");
            }
            return cell;
        }

        BigDecimal number(String column) {
            String cell = cell(column);
            if (!NUMBER.matcher(cell).matches()) {
                throw new IllegalArgumentException("line " + line + ": column \"" + column + "\": expected a decimal number");
            }
            return new BigDecimal(cell);
        }

        boolean flag(String column) {
            return switch (cell(column)) {
                case "0" -> false;
                case "1" -> true;
                default -> throw new IllegalArgumentException("line " + line + ": column \"" + column + "\": expected 0 or 1");
            };
        }
    }

    private Prepare() {}

    /**
     * Runs; exits with 0 if it is done, 1 if the table cannot be used, 2 if the command line is wrong.
     *
     * @param arguments {@code --table rotterdam|gbsg --data FILE --out FILE}
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    private static int run(String[] arguments) {
        Table table;
        Path data;
        Path out;
        try {
            Arguments options = new Arguments(arguments, 0);
            data = options.path("data");
            out = options.path("out");
            table = switch (options.text("table")) {
                case "rotterdam" -> Table.ROTTERDAM;
                case "gbsg" -> Table.GBSG;
                default -> throw new IllegalArgumentException("--table must be rotterdam or gbsg");
            };
        } catch (IllegalArgumentException e) {
            Say.line("USAGE " + e.getMessage());
            return 2;
        }
        try {
            List<String> lines = Files.readAllLines(data, StandardCharsets.US_ASCII);
            List<String> prepared = prepare(table, lines);
            Durable.replace(out, (String.join("\n", prepared) + "\n").getBytes(StandardCharsets.US_ASCII));
            Say.line("prepared " + (prepared.size() - 1) + " of " + (lines.size() - 1));
            return 0;
        } catch (IOException e) {
            Say.line("FAILED " + e.getMessage());
        } catch (IllegalArgumentException e) {
            Say.line("FAILED " + data + ": " + e.getMessage());
        }
        return 1;
    }

    /**
     * Prepares a table.
     *
     * @param table its form
     * @param lines its lines, header first
     * @return the lines of the common form, header first
     * @throws IllegalArgumentException if it has another form
     */
    public static List<String> prepare(Table table, List<String> lines) {
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("line 1: expected a header, found the end");
        }
        List<String> header = fields(lines.getFirst());
        List<String> prepared = new ArrayList<>(List.of(HEADER));
        for (int i = 1; i < lines.size(); i++) {
            List<String> cells = fields(lines.get(i));
            if (cells.size() != header.size()) {
                throw new IllegalArgumentException(
                        "line " + (i + 1) + ": expected " + header.size() + " columns, found " + cells.size());
            }
            Map<String, String> byName = new HashMap<>();
            for (int column = 0; column < cells.size(); column++) {
                byName.put(header.get(column), cells.get(column));
            }
            row(table, new Row(byName, i + 1)).ifPresent(prepared::add);
        }
        return prepared;
    }

    /** Neither form has a comma or a quote inside a field. */
    private static List<String> fields(String line) {
        return List.of(line.replace("\"", "").split(",", -1));
    }

    private static Optional<String> row(Table table, Row row) {
        boolean happened = switch (table) {
            case ROTTERDAM -> row.flag("recur") | row.flag("death");
            case GBSG -> row.flag("status");
        };
        BigDecimal days = switch (table) {
            case ROTTERDAM -> row.number(row.flag("recur") ? "rtime" : "dtime");
            case GBSG -> row.number("rfstime");
        };
        int compared = days.compareTo(BigDecimal.valueOf(THREE_YEARS));
        boolean event = happened && compared <= 0;
        if (!event && compared < 0) {
            return Optional.empty();
        }
        List<String> cells = new ArrayList<>();
        SAME.forEach(column -> cells.add(row.number(column).toPlainString()));
        cells.add(2, Integer.toString(table == Table.ROTTERDAM ? sizeClass(row) : sizeInMillimetres(row)));
        cells.add(event ? "1" : "0");
        return Optional.of(String.join(",", cells));
    }

    private static int sizeClass(Row row) {
        return switch (row.cell("size")) {
            case "<=20" -> 0;
            case "20-50" -> 1;
            case ">50" -> 2;
            default ->
                throw new IllegalArgumentException("line " + row.line() + ": column \"size\": expected <=20, 20-50 or >50");
        };
    }

    private static int sizeInMillimetres(Row row) {
        BigDecimal size = row.number("size");
        return size.compareTo(BigDecimal.valueOf(20)) <= 0 ? 0 : size.compareTo(BigDecimal.valueOf(50)) <= 0 ? 1 : 2;
    }
}
