package org.innerkeep.policy;

/** What one evaluation may still do. */
final class Steps {
    /** Characters that are looked at or copied in one step. */
    private static final int CHARS_PER_STEP = 32;

    private long left = Limits.MAX_STEPS;
    private long textLeft = Limits.MAX_MADE_TEXT;

    void spend(long steps) throws EvaluationException {
        left -= steps;
        if (left < 0) {
            throw new EvaluationException("the evaluation takes more than " + Limits.MAX_STEPS
                    + " steps: give fewer claims, name the claim type in every condition with type==\"…\", or"
                    + " shorten the policy");
        }
    }

    /** For text that is looked at whole. */
    void spendText(int chars) throws EvaluationException {
        spend(1 + chars / CHARS_PER_STEP);
    }

    /** For text that is made; before it is made. */
    void make(long chars) throws EvaluationException {
        if (chars > Limits.MAX_TEXT) {
            throw new EvaluationException("the text that is made would have " + chars + " characters, at most "
                    + Limits.MAX_TEXT + " are allowed: take less into it");
        }
        textLeft -= chars;
        if (textLeft < 0) {
            throw new EvaluationException("the texts that are made have more than " + Limits.MAX_MADE_TEXT
                    + " characters together: make fewer or shorter ones");
        }
        spend(1 + chars / CHARS_PER_STEP);
    }

    long left() {
        return left;
    }
}
