package org.innerkeep.cli.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A section of a document that people follow by pasting: blocks marked {@code sh} are what they paste, blocks without a mark are what
 * then comes out. The first line of a block to paste says where and with what end:
 *
 * <pre>
 * # terminal 1, exit code 1
 * # terminal 2: whose it is
 * # terminal 3: press Ctrl-C, then
 * </pre>
 */
final class Tutorial {
    private static final Pattern BLOCK = Pattern.compile("^```(\\w*)\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern FIRST_LINE = Pattern.compile("# terminal (\\d)(?:, exit code (\\d))?(?:: (.*))?");

    /** What stands for anything in a line of output. */
    private static final String ANYTHING = "…";

    /**
     * Something to paste.
     *
     * @param terminal 1 or more
     * @param afterCtrlC whether what runs in the terminal is ended first
     * @param exitCode of the last command
     * @param commands as they are written
     * @param output lines that come out, in this order, with others between them
     */
    record Step(int terminal, boolean afterCtrlC, int exitCode, String commands, List<Pattern> output) {
        /** In every terminal but the first something is started that goes on. */
        boolean goesOn() {
            return terminal > 1;
        }
    }

    private Tutorial() {}

    /** The text under a heading of the second level. */
    static String section(Path document, String heading) throws IOException {
        String text = Files.readString(document);
        String begin = "\n## " + heading + "\n";
        int from = text.indexOf(begin);
        if (from < 0) {
            throw new IOException(document + " has no section '" + heading + "'");
        }
        int to = text.indexOf("\n## ", from + begin.length());
        return text.substring(from + begin.length(), to < 0 ? text.length() : to);
    }

    /** The blocks that show a language other than the shell's, such as {@code java}. */
    static List<String> blocks(String section, String language) {
        return BLOCK.matcher(section).results().filter(block -> block.group(1).equals(language)).map(block -> block.group(2)).toList();
    }

    static List<Step> steps(String section) throws IOException {
        List<Step> steps = new ArrayList<>();
        Matcher block = BLOCK.matcher(section);
        while (block.find()) {
            if (block.group(1).equals("sh")) {
                steps.add(step(block.group(2)));
            } else if (block.group(1).isEmpty() && !steps.isEmpty()) {
                Step last = steps.removeLast();
                steps.add(new Step(
                        last.terminal(), last.afterCtrlC(), last.exitCode(), last.commands(), output(block.group(2))));
            }
        }
        return steps;
    }

    private static Step step(String commands) throws IOException {
        Matcher first = FIRST_LINE.matcher(commands.substring(0, commands.indexOf('\n')));
        if (!first.matches()) {
            throw new IOException("a block to paste must begin with '# terminal N', found:\n" + commands);
        }
        return new Step(
                Integer.parseInt(first.group(1)),
                String.valueOf(first.group(3)).contains("Ctrl-C"),
                first.group(2) == null ? 0 : Integer.parseInt(first.group(2)),
                commands,
                List.of());
    }

    private static List<Pattern> output(String block) {
        return block.lines()
                .filter(line -> !line.equals(ANYTHING))
                .map(line -> Pattern.compile(
                        String.join(".*", List.of(line.split(ANYTHING, -1)).stream().map(Pattern::quote).toList())))
                .toList();
    }
}
