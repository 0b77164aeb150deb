package org.innerkeep.cli.leakcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scans real processes. */
class MemoryScanTest {
    private static final Scan SCAN = new Scan(Secrets.needles());

    @Test
    void findsEveryFormInAnotherProcessAndNothingElse() throws Exception {
        try (Child child = Child.holding(Form.values())) {
            ScanReport report = SCAN.of(List.of(child.memory()));

            Map<Form, Set<String>> labels = new EnumMap<>(Form.class);
            report.places().getFirst().first().forEach(finding ->
                    labels.merge(finding.form(), Set.of(finding.label()), (a, b) ->
                            Stream.concat(a.stream(), b.stream()).collect(Collectors.toSet())));
            assertThat(labels.keySet()).containsExactly(Form.values());
            assertThat(labels).allSatisfy((form, found) -> assertThat(found).containsExactly(Secrets.label(form)));
            assertThat(report.requireFound(List.of(Form.values())).missed()).isEmpty();
        }
    }

    @Test
    void findsEveryFormByCopyingToo() throws Exception {
        try (Child child = Child.holding(Form.values())) {
            SCAN.of(List.of(new Place.Memory("child", child.pid(), Place.Memory.Way.CALL))).requireFound(List.of(Form.values()));
        }
    }

    /** A file without a name, open and mapped: what a heap in a memfd is. */
    @Test
    void findsWhatIsBehindDescriptorsAndMappings(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("mapped"), Secrets.key(Form.KEY_RAW));
        try (Child child = Child.mapping(file)) {
            Files.delete(file);
            assertThat(SCAN.of(List.of(new Place.Descriptors("child", child.pid()))).found()).containsEntry(Form.KEY_RAW, 1L);
            if (AttackedEnclaves.isRoot()) {
                assertThat(SCAN.of(List.of(new Place.MappedFiles("child", child.pid()))).found()).containsEntry(Form.KEY_RAW, 1L);
            }
        }
    }

    @Test
    void findsOneFormOnlyWhereOnlyThatIsHeld() throws Exception {
        try (Child child = Child.holding(Form.FLOAT32)) {
            assertThat(SCAN.of(List.of(child.memory())).found()).containsOnlyKeys(Form.FLOAT32);
        }
    }

    @Test
    void findsNothingInAProcessThatHoldsNothing() throws Exception {
        try (Child child = Child.holding()) {
            ScanReport report = SCAN.of(List.of(child.memory())).requireNothing();

            assertThat(report.bytesRead()).isGreaterThan(16 << 20);
            assertThat(report.places().getFirst().notes()).anySatisfy(note -> assertThat(note).contains("may not read"));
            assertThatThrownBy(() -> report.requireFound(List.of(Form.KEY_RAW)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("[KEY_RAW]").hasMessageContaining("proves nothing");
        }
    }

    @Test
    void reportsWhatALimitLeavesUnread() throws Exception {
        try (Child child = Child.holding()) {
            Scan scan = new Scan(Secrets.needles(), new Limits(1, 1 << 20, 1, 1));
            ScanReport report = scan.of(List.of(child.memory()));

            assertThat(report.bytesRead()).isEqualTo(1 << 20);
            assertThat(report.unreadParts()).isPositive();
            assertThat(report.places().getFirst().unread().getFirst().why()).contains("limit");
        }
    }

    @Test
    void reportsPagesThatCannotBeReadAndReadsTheOthers(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("mapped"), ByteBuffer.allocate(3 * 4096).put(4000, Secrets.key(Form.KEY_RAW)).array());
        try (Child child = Child.mapping(file); FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            // Pages of a mapping beyond the end of its file have no content.
            channel.truncate(4096);

            ScanReport.PlaceReport report = SCAN.of(List.of(child.memory())).places().getFirst();

            assertThat(report.found()).isEqualTo(Map.of(Form.KEY_RAW, 1L));
            ScanReport.Finding finding = report.first().getFirst();
            long gap = finding.offset() - 4000 + 4096;
            assertThat(finding.where()).isEqualTo(file.toString());
            assertThat(report.unread()).containsExactly(new ScanReport.Unread(
                    "addresses 0x" + Long.toHexString(gap) + " to 0x" + Long.toHexString(gap + 2 * 4096), "Input/output error"));
        }
    }

    @Test
    void reportsAProcessThatIsGone() throws Exception {
        Child child = Child.holding();
        Place memory = child.memory();
        child.close();

        ScanReport report = SCAN.of(List.of(memory));

        assertThat(report.unreadParts()).isEqualTo(1);
        assertThat(report.places().getFirst().unread().getFirst().why()).startsWith("does not exist; wanted: a running process");
        assertThatThrownBy(report::requireNothing).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesItsOwnMemory() {
        assertThatThrownBy(() -> new Place.Memory("this", ProcessHandle.current().pid()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("give another process");
    }
}
