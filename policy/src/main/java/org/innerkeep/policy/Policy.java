package org.innerkeep.policy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.innerkeep.policy.tree.PolicyTree;
import org.innerkeep.policy.tree.Position;
import org.innerkeep.policy.tree.Version;

/**
 * An appraisal policy: which claims are accepted and what a token says. The language is the one of Microsoft Azure Attestation,
 * versions 1.0, 1.1 and 1.2; {@code docs/policies.md} describes it as it is read here.
 *
 * <p>Immutable and safe for use by several threads. Evaluation is deterministic, has no effect but its result, and is bounded by
 * {@link Limits} whatever the policy and the claims are. It fails closed: whatever cannot be evaluated is not permitted.
 *
 * {@snippet :
 * Policy policy = Policy.parse(text).orThrow();
 * Decision decision = policy.evaluate(List.of(Claim.proven("x-ms-sgx-svn", 3)));
 * }
 */
public final class Policy {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final String text;
    private final PolicyTree tree;
    private final Program program;

    private Policy(String text, PolicyTree tree) {
        this.text = text;
        this.tree = tree;
        this.program = Program.compile(tree);
    }

    /**
     * Reads a policy.
     *
     * @param text hostile text; a byte order mark at its start is skipped
     * @return the policy or every problem
     */
    public static Parsed parse(String text) {
        // Twice: a text of that many characters may have more bytes, and need not be encoded to be refused.
        if (text.length() > Limits.MAX_POLICY_BYTES
                || text.getBytes(StandardCharsets.UTF_8).length > Limits.MAX_POLICY_BYTES) {
            return invalid(
                    "a longer text", "at most " + Limits.MAX_POLICY_BYTES + " bytes", "split the policy or shorten it");
        }
        int start = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
        Problems problems = new Problems();
        Optional<PolicyTree> tree = new Parser(new Lexer(text.substring(start), problems), problems).parse();
        return tree.isPresent() && problems.none()
                ? new Parsed.Valid(new Policy(text, tree.get()))
                : new Parsed.Invalid(problems.sorted());
    }

    /**
     * Reads a policy in UTF-8.
     *
     * @param utf8 hostile bytes
     * @return the policy or every problem; bytes that are not UTF-8 are one
     */
    public static Parsed parse(byte[] utf8) {
        if (utf8.length > Limits.MAX_POLICY_BYTES) {
            return invalid(
                    utf8.length + " bytes", "at most " + Limits.MAX_POLICY_BYTES, "split the policy or shorten it");
        }
        try {
            return parse(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString());
        } catch (CharacterCodingException e) {
            return invalid("bytes that are not UTF-8", "text in UTF-8", "save the file in UTF-8");
        }
    }

    private static Parsed invalid(String found, String expected, String hint) {
        return new Parsed.Invalid(List.of(new Problem(new Position(1, 1), found, expected, Optional.of(hint))));
    }

    /**
     * The text as it was given, a byte order mark included.
     *
     * @return the text
     */
    public String text() {
        return text;
    }

    /**
     * What was written, by its parts.
     *
     * @return the parse tree
     */
    public PolicyTree tree() {
        return tree;
    }

    /**
     * The version of the language.
     *
     * @return the version that the policy states
     */
    public Version version() {
        return tree.version();
    }

    /**
     * Decides.
     *
     * @param incoming hostile claims; their order is the order of identifiers' sets, and one that is given twice counts once
     * @return the decision
     */
    public Decision evaluate(List<Claim> incoming) {
        return Evaluation.run(program, incoming, Recorder.NONE);
    }

    /**
     * Decides and says why. Slower than {@link #evaluate}.
     *
     * @param incoming as for {@link #evaluate}
     * @return the decision with what every rule did
     */
    public Explanation explain(List<Claim> incoming) {
        TraceRecorder recorder = new TraceRecorder();
        Decision decision = Evaluation.run(program, incoming, recorder);
        return new Explanation(decision, recorder.trace());
    }

    /**
     * Runs the configuration rules alone: settings that the verifier needs before there are proven claims.
     *
     * @param incoming claims that are known by then; may be none
     * @return the settings; the outcome is {@link Outcome#NO_PERMIT}, or {@link Outcome#ERROR} if they cannot be had
     */
    public Decision configure(List<Claim> incoming) {
        return Evaluation.configure(program, incoming);
    }
}
