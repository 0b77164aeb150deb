package org.innerkeep.examples.hospitals;

import java.io.ByteArrayInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.innerkeep.channel.job.Job;
import org.innerkeep.channel.job.JobException;
import org.innerkeep.channel.job.JobOwner;
import org.innerkeep.evidence.Bytes;

/**
 * The same job as one ordinary program on plain files: what protection is compared with, in result and in time, and the proof
 * that a scan for patients and keys finds them where nothing protects them.
 *
 * <p>Options: {@code --job FILE}, {@code --library FILE} (XGBoost's native library), {@code --input OWNER=FILE} for each
 * owner, {@code --model FILE} (written). For a scan: {@code --keys FILE} is a file of keys that an ordinary program would
 * have read to open its inputs, in hexadecimal, one in each line; {@code --hold true} waits for the end of standard input
 * after the line {@code holding}, with everything still in memory.
 */
public final class Unprotected {
    private Unprotected() {}

    /**
     * Runs.
     *
     * @param arguments the options
     * @throws Exception if the job cannot be done
     */
    public static void main(String[] arguments) throws Exception {
        try (PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)) {
            run(List.of(arguments), System.in, out);
        }
    }

    static void run(List<String> arguments, InputStream in, PrintStream out)
            throws IOException, JobException, RefusedException {
        Options options = Options.parse(arguments, Set.of("job", "library", "input", "model", "keys", "hold"));
        long start = System.nanoTime();
        Job job = Job.parse(Files.readAllBytes(options.path("job")));
        Map<String, String> inputs = options.pairs("input");
        List<byte[]> files = new ArrayList<>();
        List<PatientTable> tables = new ArrayList<>();
        for (JobOwner owner : job.owners()) {
            String input = inputs.get(owner.name());
            if (input == null) {
                throw RefusedException.of(RefusedException.Reason.INPUT_MISSING, owner.name());
            }
            byte[] file = Files.readAllBytes(Path.of(input));
            files.add(file);
            tables.add(CsvReader.read(new ByteArrayInputStream(file), job.columns(), job.label()));
        }
        Trainer trainer = Trainer.load(options.path("library"));
        long loaded = System.nanoTime();
        JointTraining training = JointTraining.run(trainer, job, tables);
        long trained = System.nanoTime();
        Files.write(options.path("model"), training.model());

        out.println("job " + job.digest());
        out.println("model " + Bytes.sha256(training.model()));
        out.println("held-out " + training.qualities().getFirst().heldOut());
        out.println("pooled " + training.qualities().getFirst().pooled());
        for (int i = 0; i < tables.size(); i++) {
            JointTraining.Quality quality = training.qualities().get(i);
            out.println("alone " + job.owners().get(i).name() + " " + quality.alone() + " gain " + quality.gain());
        }
        out.println("milliseconds load " + millis(start, loaded) + " train " + millis(loaded, trained));
        if (options.optional("hold").isPresent()) {
            hold(options, files, tables, in, out);
        }
    }

    /** Keeps every form in memory that a scan looks for. */
    private static void hold(
            Options options, List<byte[]> files, List<PatientTable> tables, InputStream in, PrintStream out)
            throws IOException {
        List<Object> forms = new ArrayList<>(files);
        forms.addAll(tables);
        for (byte[] file : files) {
            forms.add(doubles(new String(file, StandardCharsets.US_ASCII)));
        }
        if (options.optional("keys").isPresent()) {
            for (String hex : Files.readAllLines(options.path("keys"), StandardCharsets.US_ASCII)) {
                byte[] key = HexFormat.of().parseHex(hex);
                forms.addAll(List.of(hex, key, Base64.getEncoder().encodeToString(key)));
            }
        }
        try {
            out.println("holding");
            in.transferTo(OutputStream.nullOutputStream());
        } finally {
            Reference.reachabilityFence(forms);
        }
    }

    /** The features in double precision, row by row, as many a program has them. */
    private static double[] doubles(String csv) {
        return csv.lines()
                .skip(1)
                .flatMap(line -> Arrays.stream(line.split(",", -1)))
                .mapToDouble(cell -> cell.isEmpty() ? Double.NaN : Double.parseDouble(cell))
                .toArray();
    }

    private static long millis(long from, long to) {
        return (to - from) / 1_000_000;
    }
}
