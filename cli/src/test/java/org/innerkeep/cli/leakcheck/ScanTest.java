package org.innerkeep.cli.leakcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Scans real files. */
class ScanTest {
    private static final Needles NEEDLES = Secrets.needles();
    private static final byte[] KEY = Secrets.key(Form.KEY_RAW);
    private static final Limits DEFAULT = Limits.DEFAULT;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(Form.class)
    void findsEachFormInAFile(Form form) throws IOException {
        Path file = write("deep/er/storage.bin", 12_345, written(Secrets.held(form)), 100);

        ScanReport report = scan(folder);

        assertThat(report.requireFound(List.of(form)).found()).containsEntry(form, 1L);
        assertThat(report.places().getFirst().first()).contains(
                new ScanReport.Finding(form, Secrets.label(form), real(file), 12_345));
        assertThat(report.unreadParts()).isZero();
        assertThatThrownBy(report::requireNothing).isInstanceOf(IllegalStateException.class).hasMessageContaining(form.name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE"})
    void findsTextInEitherByteOrderOnce(String charset) throws IOException {
        write("file", 10, Secrets.text(Form.TEXT_ROW, false).getBytes(Charset.forName(charset)), 10);
        write("alone", 0, Secrets.text(Form.TEXT_ROW, false).getBytes(Charset.forName(charset)), 0);

        assertThat(scan(folder).found()).isEqualTo(Map.of(Form.TEXT_ROW_UTF16, 2L));
    }

    @Test
    void findsAtTheBeginningTheEndAndAcrossWindows() throws IOException {
        int window = 1 << 20;
        write("begin", 0, KEY, 100);
        write("end", 100, KEY, 0);
        write("alone", 0, KEY, 0);
        for (int before = 1; before < KEY.length; before += 10) {
            write("across" + before, window - before, KEY, 10);
        }

        assertThat(scan(folder).found()).isEqualTo(Map.of(Form.KEY_RAW, 7L));
    }

    @Test
    void findsNothingInWhatHoldsNothing() throws IOException {
        write("a", 3_000_000, new byte[0], 0);
        Files.createDirectories(folder.resolve("empty"));
        Files.createFile(folder.resolve("empty/file"));

        ScanReport report = scan(folder).requireNothing();

        assertThat(report.bytesRead()).isEqualTo(3_000_000);
        assertThat(report.missed()).containsExactly(Form.values());
        assertThat(report.render()).contains("place: 2.9 MiB read, found 0").contains("parts not read 0");
    }

    @Test
    void findsSecretsInNamesAndWithholdsThem() throws IOException {
        String hex = HexFormat.of().formatHex(KEY);
        write("key-" + hex + "/inside", 0, KEY, 0);

        ScanReport report = scan(folder);

        assertThat(report.found()).isEqualTo(Map.of(Form.KEY_HEX, 1L, Form.KEY_RAW, 1L));
        assertThat(report.render()).doesNotContain(hex)
                .contains("the name of " + real(folder) + "/(withheld)").contains(real(folder) + "/(withheld)/inside at 0x0");
    }

    @Test
    void showsHostileNamesHarmlessly() throws IOException {
        write("a\n\u001b[31mfound 0", 0, KEY, 0);

        assertThat(scan(folder).render()).contains(real(folder) + "/a??[31mfound 0 at 0x0");
    }

    @Test
    void neverPrintsASecret() throws IOException {
        for (Form form : Form.values()) {
            write(form.name(), 10, written(Secrets.held(form)), 10);
        }
        Set<Form> texts = Set.of(Form.TEXT_ROW, Form.TEXT_RUN, Form.KEY_HEX, Form.KEY_BASE64, Form.KEY_TEXT);

        ScanReport report = scan(folder).requireFound(List.of(Form.values()));

        assertThat(texts).allSatisfy(form -> assertThat(report.toString()).doesNotContain((String) Secrets.held(form)));
    }

    @Test
    void reportsTheFirstFindingsAndCountsAll() throws IOException {
        for (int i = 0; i < 20; i++) {
            write("copy" + i, 0, KEY, 0);
        }

        ScanReport.PlaceReport place = scan(folder).places().getFirst();

        assertThat(place.found()).isEqualTo(Map.of(Form.KEY_RAW, 20L));
        assertThat(place.first()).hasSize(5);
    }

    @Test
    void reportsWhatIsMissing() {
        ScanReport report = scan(folder.resolve("absent"));

        assertThat(report.places().getFirst().unread()).containsExactly(
                new ScanReport.Unread(folder.resolve("absent").toString(), "does not exist"));
        assertThatThrownBy(report::requireNothing).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void reportsAFileThatCannotBeRead() {
        // Not even root can read the page at address zero.
        ScanReport report = scan(Path.of("/proc/self/mem"));

        assertThat(report.unreadParts()).isEqualTo(1);
        assertThat(report.places().getFirst().unread().getFirst().why()).startsWith("after 0 bytes: Input/output error");
    }

    @ParameterizedTest
    @ValueSource(strings = {"closed", "closed/file"})
    void reportsWhatPermissionsForbid(String closed) throws IOException {
        Assumptions.assumeFalse(System.getProperty("user.name").equals("root"), "root may read everything");
        write("closed/file", 0, KEY, 0);
        Path path = folder.resolve(closed);
        Files.setPosixFilePermissions(path, Set.of());
        try {
            ScanReport report = scan(folder);

            assertThat(report.places().getFirst().unread()).containsExactly(
                    new ScanReport.Unread(real(path), "permission denied"));
        } finally {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void reportsWhatTheLimitOfAFileLeavesUnread() throws IOException {
        Path file = folder.resolve("sparse");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1L << 40);
            sparse.seek(100);
            sparse.write(KEY);
            sparse.seek(1 << 20);
            sparse.write(KEY);
        }

        ScanReport report = new Scan(NEEDLES, new Limits(1 << 20, 1 << 30, 10, 10)).of(List.of(new Place.Tree("place", folder)));

        assertThat(report.found()).isEqualTo(Map.of(Form.KEY_RAW, 1L));
        assertThat(report.bytesRead()).isEqualTo(1 << 20);
        assertThat(report.places().getFirst().unread()).containsExactly(
                new ScanReport.Unread(real(file), "a limit ended the scan after 1048576 bytes of 1099511627776"));
    }

    @Test
    void reportsNoLimitWhereItIsJustReached() throws IOException {
        write("file", 1000, new byte[0], 0);

        assertThat(new Scan(NEEDLES, new Limits(1000, 1000, 2, 1)).of(List.of(new Place.Tree("place", folder)))
                .requireNothing().bytesRead()).isEqualTo(1000);
    }

    @Test
    void reportsWhatTheLimitsOfAPlaceLeaveUnread() throws IOException {
        write("a/b/c/file", 10, new byte[0], 0);
        write("d", 1000, new byte[0], 0);
        write("e", 1000, new byte[0], 0);

        assertThat(unread(new Limits(5000, 1500, 100, 10))).anyMatch(why -> why.startsWith("a limit ended the scan"));
        assertThat(unread(new Limits(5000, 5000, 3, 10))).containsExactly("this and all further entries: more than 3");
        assertThat(unread(new Limits(5000, 5000, 100, 2))).containsExactly("more than 2 levels below " + folder);
        assertThat(unread(DEFAULT)).isEmpty();
    }

    @Test
    void followsNoLinksAndSaysSo() throws Exception {
        Path outside = write("outside", 0, KEY, 0);
        Path place = Files.createDirectories(folder.resolve("place"));
        Files.createSymbolicLink(place.resolve("file"), outside);
        Files.createSymbolicLink(place.resolve("folder"), folder);
        Process pipe = new ProcessBuilder("mkfifo", place.resolve("pipe").toString()).inheritIO().start();
        assertThat(pipe.waitFor()).isZero();

        ScanReport report = scan(place).requireNothing();

        assertThat(report.places().getFirst().notes()).containsExactly(
                "2 symbolic links not followed", "1 pipes, sockets and devices not read");
        assertThat(scan(place.resolve("file")).found()).isEqualTo(Map.of(Form.KEY_RAW, 1L));
        assertThat(scan(place.resolve("pipe")).places().getFirst().unread().getFirst().why())
                .isEqualTo("neither a file nor a folder");
    }

    @Test
    void leavesOutWhatItIsAskedToAndSaysSo() throws IOException {
        write("mine/file", 0, KEY, 0);
        write("theirs", 10, new byte[0], 0);

        ScanReport report = new Scan(NEEDLES).of(List.of(new Place.Tree("place", folder, Set.of(folder.resolve("mine")))));

        assertThat(report.requireNothing().places().getFirst().notes())
                .containsExactly("left out as asked: " + real(folder.resolve("mine")));
    }

    @Test
    void readsEverySwapOfTheTable() throws IOException {
        Path swap = write("swap file", 5000, KEY, 500);
        Path absent = folder.resolve("gone");
        Files.writeString(folder.resolve("swaps"), "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
                + swap.toString().replace(" ", "\\040") + "\tfile\t\t8\t\t8\t\t-2\n" + absent + "\tpartition\t\t8\t\t8\t\t-2\n");

        ScanReport.PlaceReport report = swap(DEFAULT);

        assertThat(report.first()).containsExactly(new ScanReport.Finding(Form.KEY_RAW, "KEY_RAW", swap.toString(), 5000));
        assertThat(report.unread()).containsExactly(new ScanReport.Unread(absent.toString(), "does not exist"));
        assertThat(swap(new Limits(1, 5000, 1, 1)).unreadParts()).isEqualTo(2);
    }

    @Test
    void saysThatThereIsNoSwap() throws IOException {
        Files.writeString(folder.resolve("swaps"), "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");

        assertThat(swap(DEFAULT).notes()).containsExactly("no swap configured");
        assertThat(swap(DEFAULT).unreadParts()).isZero();
    }

    @Test
    void reportsASwapTableThatItCannotRead() throws IOException {
        assertThat(swap(DEFAULT).unread()).containsExactly(
                new ScanReport.Unread(folder.resolve("swaps").toString(), "does not exist"));
        Files.writeString(folder.resolve("swaps"), "something else");
        assertThat(swap(DEFAULT).unread().getFirst().why()).contains("heading");
    }

    @Test
    void readsTheSwapOfThisMachineOrSaysWhyNot() {
        Scan scan = new Scan(NEEDLES, new Limits(1, 1 << 20, 1, 1));
        ScanReport.PlaceReport report = scan.of(List.of(new Place.Swap())).places().getFirst();

        assertThat(report.bytesRead() > 0 || report.unreadParts() > 0 || report.notes().contains("no swap configured")).isTrue();
    }

    @Test
    void reportsTheRestAsUnreadWhenInterrupted() throws IOException {
        write("file", 0, KEY, 0);
        Thread.currentThread().interrupt();

        ScanReport report = scan(folder);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.places().getFirst().unread().getFirst().why()).contains("interrupted");
    }

    @Test
    void namesEachTemporaryFolderOnce() {
        List<Place> places = Place.temporaryFolders(Set.of());

        assertThat(places).extracting(Place::name).contains("/tmp").doesNotHaveDuplicates();
    }

    @Test
    void requiresOfAControlOnlyWhatItHolds() throws IOException {
        write("file", 0, KEY, 0);
        ScanReport report = scan(folder);

        assertThat(report.requireFound(List.of(Form.KEY_RAW))).isSameAs(report);
        assertThatThrownBy(() -> report.requireFound(List.of(Form.KEY_RAW, Form.FLOAT64, Form.TEXT_ROW)))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("[TEXT_ROW, FLOAT64]");
    }

    private static ScanReport scan(Path path) {
        return new Scan(NEEDLES).of(List.of(new Place.Tree("place", path)));
    }

    private List<String> unread(Limits limits) {
        return new Scan(NEEDLES, limits).of(List.of(new Place.Tree("place", folder))).places().getFirst().unread().stream()
                .map(ScanReport.Unread::why).toList();
    }

    private ScanReport.PlaceReport swap(Limits limits) {
        return new Scan(NEEDLES, limits, folder).of(List.of(new Place.Swap())).places().getFirst();
    }

    private static String real(Path path) throws IOException {
        return path.toRealPath().toString();
    }

    private Path write(String name, int before, byte[] content, int after) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, ByteBuffer.allocate(before + content.length + after).position(before).put(content).array());
    }

    /** The bytes that an object has in the memory of a program on this kind of machine. */
    private static byte[] written(Object held) {
        ByteBuffer bytes = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
        switch (held) {
            case byte[] key -> bytes.put(key);
            case float[] floats -> {
                for (float f : floats) {
                    bytes.putFloat(f);
                }
            }
            case double[] doubles -> {
                for (double d : doubles) {
                    bytes.putDouble(d);
                }
            }
            case String text when text.charAt(0) == '\u0100' -> bytes.put(text.substring(1).getBytes(StandardCharsets.UTF_16LE));
            case String text -> bytes.put(text.getBytes(StandardCharsets.ISO_8859_1));
            case char[] text -> bytes.put(new String(text, 1, text.length - 1).getBytes(StandardCharsets.UTF_16LE));
            default -> throw new IllegalArgumentException(held.getClass().getName());
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }
}
