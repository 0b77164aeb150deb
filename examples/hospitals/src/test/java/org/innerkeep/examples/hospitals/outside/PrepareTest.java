package org.innerkeep.examples.hospitals.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.examples.hospitals.outside.Prepare.Table;
import org.junit.jupiter.api.Test;

/** How two centres' tables become one form. The patients here are made up. */
class PrepareTest {
    private static final String ROTTERDAM =
            "\"pid\",\"year\",\"age\",\"meno\",\"size\",\"grade\",\"nodes\",\"pgr\",\"er\",\"hormon\",\"chemo\",\"rtime\",\"recur\",\"dtime\",\"death\"";
    private static final String GBSG =
            "\"pid\",\"age\",\"meno\",\"size\",\"grade\",\"nodes\",\"pgr\",\"er\",\"hormon\",\"rfstime\",\"status\"";
    private static final String COMMON = "age,meno,size,grade,nodes,pgr,er,hormon,event";

    private static List<String> rotterdam(String... rows) {
        return prepare(Table.ROTTERDAM, ROTTERDAM, rows);
    }

    private static List<String> gbsg(String... rows) {
        return prepare(Table.GBSG, GBSG, rows);
    }

    private static List<String> prepare(Table table, String header, String... rows) {
        List<String> lines = new ArrayList<>(List.of(header));
        lines.addAll(List.of(rows));
        List<String> prepared = Prepare.prepare(table, lines);
        assertThat(prepared.getFirst()).isEqualTo(COMMON);
        return prepared.subList(1, prepared.size());
    }

    @Test
    void bringsBothToTheSameColumns() {
        assertThat(rotterdam("1,1990,60,1,\"20-50\",3,2,10,20,1,0,2000,0,2000,0")).containsExactly("60,1,1,3,2,10,20,1,0");
        assertThat(gbsg("1,60,1,35,3,2,10,20,1,2000,0")).containsExactly("60,1,1,3,2,10,20,1,0");
    }

    @Test
    void bringsMillimetresToRotterdamsClasses() {
        assertThat(gbsg("1,60,1,20,3,2,10,20,1,2000,0", "2,60,1,21,3,2,10,20,1,2000,0", "3,60,1,50,3,2,10,20,1,2000,0",
                        "4,60,1,51,3,2,10,20,1,2000,0"))
                .extracting(row -> row.split(",", -1)[2])
                .containsExactly("0", "1", "1", "2");
        assertThat(rotterdam("1,1990,60,1,\"<=20\",3,2,10,20,1,0,2000,0,2000,0", "2,1990,60,1,\">50\",3,2,10,20,1,0,2000,0,2000,0"))
                .extracting(row -> row.split(",", -1)[2])
                .containsExactly("0", "2");
    }

    @Test
    void leavesOutWhoWasFollowedForLessThanThreeYearsWithoutEvent() {
        assertThat(gbsg("1,60,1,20,3,2,10,20,1,1094,0")).as("lost to follow-up").isEmpty();
        assertThat(gbsg("1,60,1,20,3,2,10,20,1,1095,0")).as("three years without").containsExactly("60,1,0,3,2,10,20,1,0");
        assertThat(gbsg("1,60,1,20,3,2,10,20,1,1095,1")).as("within three years").containsExactly("60,1,0,3,2,10,20,1,1");
        assertThat(gbsg("1,60,1,20,3,2,10,20,1,1096,1")).as("after three years").containsExactly("60,1,0,3,2,10,20,1,0");
    }

    @Test
    void takesRecurrenceAtItsTimeAndDeathWithoutRecurrenceAtItsOwn() {
        assertThat(rotterdam("1,1990,60,1,\"<=20\",3,2,10,20,1,0,500,1,3000,1")).as("recurred early").containsExactly("60,1,0,3,2,10,20,1,1");
        assertThat(rotterdam("1,1990,60,1,\"<=20\",3,2,10,20,1,0,500,0,900,1")).as("died early").containsExactly("60,1,0,3,2,10,20,1,1");
        assertThat(rotterdam("1,1990,60,1,\"<=20\",3,2,10,20,1,0,500,0,3000,1")).as("died late").containsExactly("60,1,0,3,2,10,20,1,0");
        assertThat(rotterdam("1,1990,60,1,\"<=20\",3,2,10,20,1,0,500,0,900,0")).as("lost").isEmpty();
    }

    @Test
    void refusesWhatItDoesNotKnowWithLineAndColumnAndNeverTheValue() {
        assertRefused("line 2: column \"size\"", () -> rotterdam("1,1990,60,1,\"HUGE\",3,2,10,20,1,0,2000,0,2000,0"));
        assertRefused("line 3: column \"age\"", () -> gbsg("1,60,1,20,3,2,10,20,1,2000,0", "1,HUGE,1,20,3,2,10,20,1,2000,0"));
        assertRefused("line 2: column \"status\"", () -> gbsg("1,60,1,20,3,2,10,20,1,2000,HUGE"));
        assertRefused("line 2: expected 11 columns", () -> gbsg("1,60,1,HUGE"));
        assertRefused("line 1: column \"recur\" is missing", () -> prepare(Table.ROTTERDAM, GBSG, "1,60,1,20,3,2,10,20,1,2000,0"));
        assertRefused("line 1: expected a header", () -> Prepare.prepare(Table.GBSG, List.of()));
    }

    private static void assertRefused(String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatIllegalArgumentException()
                .isThrownBy(call)
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("HUGE"));
    }
}
