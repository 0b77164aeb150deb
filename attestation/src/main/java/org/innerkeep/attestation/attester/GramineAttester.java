package org.innerkeep.attestation.attester;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.innerkeep.evidence.Bytes;

/**
 * An SGX enclave under Gramine ({@code /dev/attestation}, Gramine documentation, "Attestation and Secret Provisioning"): report data is
 * written to {@code user_report_data}, and a quote over it is made when {@code quote} is opened. Both belong to the whole process, so one
 * thread asks at a time; whoever asks looks at the report data in the quote, so that nothing else in the process can come between.
 */
final class GramineAttester implements Attester {
    /** Gramine has at most 8 KiB. */
    private static final int MAX_QUOTE = 16 << 10;

    private final Path folder;

    GramineAttester(Path folder) {
        this.folder = folder;
    }

    @Override
    public synchronized Bytes evidence(Bytes reportData) throws IOException {
        Path type = folder.resolve("attestation_type");
        if (!Files.exists(type)) {
            throw new IOException("attester gramine: there is no " + type + "; it is there only in an SGX enclave under gramine-sgx");
        }
        String found = DeviceFile.text(type);
        if (!found.equals("dcap")) {
            throw new IOException("attester gramine: expected remote attestation by 'dcap', found '" + printable(found)
                    + "'; set sgx.remote_attestation = \"dcap\" in the manifest");
        }
        try {
            DeviceFile.write(folder.resolve("user_report_data"), reportData);
            return DeviceFile.read(folder.resolve("quote"), MAX_QUOTE);
        } catch (IOException e) {
            throw new IOException("attester gramine: no quote (" + e.getMessage()
                    + "); look whether the quoting service (AESM) of this machine runs and the manifest lets the enclave reach it", e);
        }
    }

    static String printable(String text) {
        return text.replaceAll("[^ -~]", "?");
    }
}
