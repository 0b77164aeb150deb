package org.innerkeep.channel.internal.hpke;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** Published vectors beside the project: flat JSON objects, one a test, for which a test needs no parser here. */
final class Vectors {
    private static final Pattern CASE = Pattern.compile("\\{[^{}]*\\}");

    private Vectors() {}

    record Case(String text) {
        String field(String name) throws IOException {
            Matcher matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]*)\"").matcher(text);
            if (!matcher.find()) {
                throw new IOException("no " + name + " in " + text);
            }
            return matcher.group(1);
        }

        byte[] bytes(String name) throws IOException {
            return HexFormat.of().parseHex(field(name));
        }
    }

    /** {@return the objects of a file that have a field; a test without the file is skipped and says so} */
    static List<Case> of(String file, String field) throws IOException {
        Optional<Path> shared = Optional.ofNullable(System.getenv("INNERKEEP_SHARED")).map(Path::of)
            .or(() -> Optional.ofNullable(System.getProperty("innerkeep.root")).map(root -> Path.of(root, "..", "shared")));
        Path path = shared.orElse(Path.of("..", "..", "shared")).resolve("standards").resolve(file);
        if (!Files.isRegularFile(path)) {
            Assumptions.abort(path + " is missing: the published vectors are not checked");
        }
        return CASE.matcher(Files.readString(path)).results().map(MatchResult::group)
            .filter(text -> text.contains("\"" + field + "\"")).map(Case::new).toList();
    }
}
