package org.innerkeep.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The main job, whole: every party a process, the operator's search, every attack. */
final class DemoIT {
    @Test
    void resultSearchAndAttacksAllComeOutAsTheyMust() throws Exception {
        Command.Outcome demo = Command.run("demo");

        assertThat(demo.output()).contains("the model's bytes equal").contains("RIGHT:").doesNotContain("WRONG:");
        assertThat(demo.exitCode()).isZero();
    }
}
