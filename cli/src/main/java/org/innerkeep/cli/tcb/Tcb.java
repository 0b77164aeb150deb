package org.innerkeep.cli.tcb;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.cli.files.Folders;
import org.innerkeep.cli.text.JsonText;

/** What of a bundle has to be trusted ({@code inspect --tcb}). */
public final class Tcb {
    private Tcb() {}

    /**
     * Finds code of a bundle that works for nobody but the host.
     *
     * @param bundle its file
     * @param maxBytes the most bytes that the bundle's files may have
     * @return what was found
     * @throws BundleException if the bundle is refused
     * @throws IOException if it cannot be read
     */
    public static HostOnlyCode.Found hostOnly(Path bundle, long maxBytes) throws IOException, BundleException {
        Path scratch = Files.createTempDirectory("innerkeep-tcb");
        try {
            return HostOnlyCode.find(bundle, scratch.resolve("bundle"), maxBytes);
        } finally {
            Folders.delete(scratch);
        }
    }

    /**
     * Looks at a bundle and prints what was found. Nothing of it is loaded or run.
     *
     * @param bundle its file
     * @param json whether a program reads it
     * @param maxBytes the most bytes that the bundle's files may have
     * @param out where to
     * @throws BundleException if the bundle is refused
     * @throws IOException if it cannot be read
     */
    public static void print(Path bundle, boolean json, long maxBytes, PrintWriter out) throws IOException, BundleException {
        Path scratch = Files.createTempDirectory("innerkeep-tcb");
        try {
            TrustedBaseReport report = new TrustedBaseReport(TrustedBase.of(bundle, scratch.resolve("bundle"), maxBytes));
            if (json) {
                out.print(JsonText.of(report.json()));
                out.flush();
            } else {
                report.print(out);
            }
        } finally {
            Folders.delete(scratch);
        }
    }
}
