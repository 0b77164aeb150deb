package org.innerkeep.cli.policy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.innerkeep.cli.text.Shown;
import org.innerkeep.policy.Claim;
import org.innerkeep.policy.Limits;
import org.innerkeep.policy.Parsed;
import org.innerkeep.policy.Policy;
import org.innerkeep.policy.cases.CaseFileException;
import org.innerkeep.policy.cases.ClaimsFile;

/**
 * A file that the command line names, read whole.
 *
 * @param name as it was given; {@code -} is standard input
 * @param bytes its content, one byte more than may be used where there is more
 */
record Input(String name, byte[] bytes) {
    private static final String STANDARD_INPUT = "-";

    static Input policy(String name) throws UnusableException {
        return read(name, Limits.MAX_POLICY_BYTES);
    }

    static Input json(String name) throws UnusableException {
        return read(name, Limits.MAX_CLAIM_TEXT);
    }

    private static Input read(String name, int most) throws UnusableException {
        try (InputStream in = name.equals(STANDARD_INPUT) ? System.in : Files.newInputStream(Path.of(name))) {
            return new Input(name, in.readNBytes(most + 1));
        } catch (NoSuchFileException e) {
            throw new UnusableException(Shown.line(name) + ": no such file", e);
        } catch (IOException | InvalidPathException e) {
            throw new UnusableException(Shown.line(name) + ": cannot be read: " + Shown.line(String.valueOf(e.getMessage())), e);
        }
    }

    /** The name as it may be printed. */
    String shown() {
        return name.equals(STANDARD_INPUT) ? "standard input" : Shown.line(name);
    }

    Parsed parse() {
        return Policy.parse(bytes);
    }

    /** The policy; every problem with it where it is none. */
    Policy valid() throws UnusableException {
        return switch (parse()) {
            case Parsed.Valid valid -> valid.policy();
            case Parsed.Invalid invalid -> throw new UnusableException("this is no policy:\n" + String.join("\n", invalid.problems().stream()
                    .map(problem -> new Excerpt(this).of(problem)).toList()));
        };
    }

    List<Claim> claims() throws UnusableException {
        try {
            return ClaimsFile.read(bytes);
        } catch (CaseFileException e) {
            throw new UnusableException(shown() + ": " + Shown.line(String.valueOf(e.getMessage())), e);
        }
    }

    /** What is text in it; anything else becomes a replacement character. */
    String text() {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }
}
