package org.innerkeep.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Commands in a pipeline, fed with bytes that are made meanwhile, and whose output must be those bytes: what passes is on no disk and in
 * no memory as a whole.
 *
 * @param mebibytesPerSecond how fast, from the start of the processes to their end
 * @param peaks for each command, how much of it was in memory at most, in MiB
 */
record Piped(double mebibytesPerSecond, List<Double> peaks) {
    private static final int BLOCK = 1 << 20;
    private static final int MILLIS_BETWEEN = 20;

    /** Runs the commands, each one's output the next one's input, over so many mebibytes. */
    static Piped run(List<List<String>> commands, long mebibytes) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        List<Process> processes = ProcessBuilder.startPipeline(
                commands.stream().map(command -> new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT)).toList());
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            CompletableFuture<Void> feeding = CompletableFuture.runAsync(() -> feed(processes.getFirst(), mebibytes), threads);
            CompletableFuture<List<Double>> watching = CompletableFuture.supplyAsync(() -> watch(processes), threads);
            compare(processes.getLast(), mebibytes);
            feeding.join();
            for (int i = 0; i < processes.size(); i++) {
                int code = processes.get(i).waitFor();
                if (code != 0) {
                    throw new IOException(String.join(" ", commands.get(i)) + " ended with " + code);
                }
            }
            return new Piped(mebibytes / ((System.nanoTime() - begin) / 1e9), watching.join());
        } catch (CompletionException e) {
            throw new IOException(e.getCause());
        } finally {
            processes.forEach(Process::destroyForcibly);
            threads.close();
        }
    }

    /** A block of noise that begins with its number. */
    private static void number(byte[] block, long number) {
        ByteBuffer.wrap(block).putLong(number);
    }

    private static byte[] block() {
        byte[] block = new byte[BLOCK];
        new Random(10).nextBytes(block);
        return block;
    }

    private static void feed(Process process, long mebibytes) {
        byte[] block = block();
        try (OutputStream to = process.getOutputStream()) {
            for (long i = 0; i < mebibytes; i++) {
                number(block, i);
                to.write(block);
            }
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private static void compare(Process process, long mebibytes) throws IOException {
        byte[] expected = block();
        byte[] found = new byte[BLOCK];
        InputStream from = process.getInputStream();
        for (long i = 0; i < mebibytes; i++) {
            number(expected, i);
            if (from.readNBytes(found, 0, BLOCK) < BLOCK || !Arrays.equals(found, expected)) {
                throw new IOException("what came out is not what went in, at " + i + " MiB");
            }
        }
        if (from.read() >= 0) {
            throw new IOException("more came out than went in");
        }
    }

    /** Until they have ended: a process that has ended tells nothing any more. */
    private static List<Double> watch(List<Process> processes) {
        List<Double> peaks = new ArrayList<>();
        processes.forEach(process -> peaks.add(Double.NaN));
        while (processes.stream().anyMatch(Process::isAlive)) {
            for (int i = 0; i < peaks.size(); i++) {
                double peak = peak(processes.get(i).pid());
                peaks.set(i, Double.isNaN(peak) ? peaks.get(i) : peak);
            }
            try {
                Thread.sleep(MILLIS_BETWEEN);
            } catch (InterruptedException e) {
                throw new CompletionException(e);
            }
        }
        return peaks;
    }

    /** The highest resident memory that a process had so far. */
    private static double peak(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToDouble(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
