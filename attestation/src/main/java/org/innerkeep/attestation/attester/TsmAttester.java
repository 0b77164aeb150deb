package org.innerkeep.attestation.attester;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.snp.SnpCertificateTable;
import org.innerkeep.evidence.snp.SnpEvidence;
import org.innerkeep.evidence.snp.SnpReport;

/**
 * A confidential virtual machine, asked by Linux's configfs-tsm ({@code Documentation/ABI/testing/configfs-tsm-report}, from Linux 6.7):
 *
 * <ol>
 *   <li>a folder of our own is made, in which the kernel shows its files;
 *   <li>{@code generation} is read;
 *   <li>the report data is written to {@code inblob}; the privilege level is left as it is;
 *   <li>{@code provider}, {@code outblob} and, where there is one, {@code auxblob} are read;
 *   <li>{@code generation} is read again: it must have grown by our one write, else somebody wrote in between;
 *   <li>the folder is taken away again, whatever happened.
 * </ol>
 *
 * What goes wrong from step 2 on may be over soon, such as a busy device, and is tried anew, in a new folder, a few times.
 */
final class TsmAttester implements Attester {
    private static final System.Logger LOG = System.getLogger("org.innerkeep.attestation.attester");
    private static final int ATTEMPTS = 5;
    private static final long PAUSE_MILLIS = 50;
    private static final int NAME_BYTES = 8;

    /** The kernel has at most 32 KiB where reports are small, and more for Arm. */
    private static final int MAX_BLOB = 64 << 10;

    private final Path folder;
    private final SecureRandom random;

    TsmAttester(Path folder, SecureRandom random) {
        this.folder = folder;
        this.random = random;
    }

    private record Report(String provider, Bytes out, Bytes aux) {}

    @Override
    public Bytes evidence(Bytes reportData) throws IOException {
        IOException last = null;
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            Path entry = make();
            Report report = null;
            try {
                report = report(entry, reportData);
            } catch (IOException e) {
                last = e;
            } finally {
                Files.delete(entry);
            }
            if (report != null) {
                return evidence(report);
            }
            pause(attempt);
        }
        throw new IOException("attester tsm: no report after " + ATTEMPTS + " attempts: "
                + (last == null ? "no reason" : last.getMessage()) + "; the kernel's log may say why", last);
    }

    private Path make() throws IOException {
        byte[] name = new byte[NAME_BYTES];
        random.nextBytes(name);
        Path entry = folder.resolve("innerkeep-" + HexFormat.of().formatHex(name));
        try {
            return Files.createDirectory(entry);
        } catch (FileAlreadyExistsException e) {
            throw new IOException("attester tsm: " + entry + " is there already", e);
        } catch (NoSuchFileException e) {
            throw new IOException("attester tsm: there is no " + folder + ": expected a confidential virtual machine with Linux 6.7 or"
                    + " later, its guest driver (sev-guest, tdx-guest or arm-cca-guest) loaded and configfs mounted", e);
        } catch (IOException e) {
            throw new IOException("attester tsm: " + folder + " takes no request (" + e.getMessage()
                    + "); the service needs the right to make folders there, and a guest driver must be loaded", e);
        }
    }

    private static Report report(Path entry, Bytes reportData) throws IOException {
        long before = generation(entry);
        DeviceFile.write(entry.resolve("inblob"), reportData);
        Report report = new Report(
                DeviceFile.text(entry.resolve("provider")),
                DeviceFile.read(entry.resolve("outblob"), MAX_BLOB),
                aux(entry.resolve("auxblob")));
        long after = generation(entry);
        if (after != before + 1) {
            throw new IOException("somebody else wrote to " + entry + ": expected generation " + (before + 1) + ", found " + after);
        }
        return report;
    }

    private static long generation(Path entry) throws IOException {
        String text = DeviceFile.text(entry.resolve("generation"));
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IOException(entry + "/generation: expected a number, found '" + GramineAttester.printable(text) + "'", e);
        }
    }

    /** Kernels show the file only where the provider has something to put in, and nothing that is in it is needed. */
    private static Bytes aux(Path file) {
        try {
            return DeviceFile.read(file, MAX_BLOB);
        } catch (NoSuchFileException e) {
            return Bytes.EMPTY;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "attester tsm: the host's certificates are left out: " + e.getMessage());
            return Bytes.EMPTY;
        }
    }

    private static Bytes evidence(Report report) throws IOException {
        return switch (report.provider()) {
            case "sev_guest" -> snp(report);
            case "tdx_guest", "arm_cca_guest" -> report.out();
            default -> throw new IOException("attester tsm: expected the provider sev_guest, tdx_guest or arm_cca_guest, found '"
                    + GramineAttester.printable(report.provider()) + "'");
        };
    }

    /** The certificates are the host's and prove nothing; with them, nobody has to ask AMD. */
    private static Bytes snp(Report report) throws IOException {
        SnpReport signed;
        try {
            signed = SnpReport.parse(report.out().toArray());
        } catch (MalformedException e) {
            throw new IOException("attester tsm: the device gave another thing than a report of SEV-SNP: " + e.getMessage(), e);
        }
        Bytes alone = Bytes.of(new SnpEvidence(signed).toByteArray());
        if (report.aux().length() == 0) {
            return alone;
        }
        try {
            SnpCertificateTable table = SnpCertificateTable.parse(report.aux().toArray());
            Bytes both = Bytes.of(new SnpEvidence(signed, Optional.of(table)).toByteArray());
            if (both.length() <= KeyEvidence.MAX_EVIDENCE) {
                return table.certificates().isEmpty() ? alone : both;
            }
            LOG.log(System.Logger.Level.WARNING, "attester tsm: the host's certificates are left out, they are " + report.aux().length()
                    + " bytes, more than a certificate of a key holds; relying parties find AMD's elsewhere");
        } catch (MalformedException e) {
            LOG.log(System.Logger.Level.WARNING, "attester tsm: the host's certificates are left out, they are malformed: "
                    + e.getMessage());
        }
        return alone;
    }

    private static void pause(int attempt) throws IOException {
        try {
            Thread.sleep(PAUSE_MILLIS * attempt);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("attester tsm: interrupted", e);
        }
    }
}
