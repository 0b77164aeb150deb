package org.innerkeep.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Feeds mutated copies of good inputs to a parser. The same seeds, iterations and random seed give the same inputs, so that a
 * finding can be repeated. Coverage-guided fuzzing is Jazzer's work; this driver runs in every build and shows, on a
 * planted bug, that it would find one.
 */
public final class Fuzzer {
    /** Something that takes any bytes: it returns for bytes it accepts or properly refuses, and throws only if it has a bug. */
    @FunctionalInterface
    public interface Target {
        /**
         * Takes one input.
         *
         * @param input hostile bytes, the target's own copy
         * @throws Throwable if the target has a bug
         */
        void take(byte[] input) throws Throwable;
    }

    /**
     * An input that made the target throw.
     *
     * @param iteration the number of the input
     * @param input the input
     * @param failure what was thrown
     */
    public record Finding(int iteration, byte[] input, Throwable failure) {
        @Override
        public String toString() {
            return "input " + iteration + ", hex " + HexFormat.of().formatHex(input) + ": " + failure;
        }
    }

    private static final long[] INTERESTING = {
        0, 1, 0x17, 0x18, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fffffffL, 0x80000000L, 0xffffffffL, -1L,
        Long.MAX_VALUE, Long.MIN_VALUE
    };

    private final List<byte[]> seeds;
    private final SplittableRandom random;

    /**
     * Prepares a run.
     *
     * @param randomSeed fixes the sequence of inputs
     * @param seeds good inputs, at least one
     */
    public Fuzzer(long randomSeed, List<byte[]> seeds) {
        if (seeds.isEmpty()) {
            throw new IllegalArgumentException("give at least one good input");
        }
        this.seeds = new ArrayList<>(seeds);
        this.random = new SplittableRandom(randomSeed);
    }

    /**
     * Runs until the target throws or the iterations are used up. The seeds themselves come first.
     *
     * @param iterations how many inputs at most
     * @param target what is tested
     * @return the first finding
     */
    public Optional<Finding> run(int iterations, Target target) {
        for (int i = 0; i < iterations; i++) {
            byte[] input = i < seeds.size() ? seeds.get(i).clone() : mutate();
            try {
                target.take(input.clone());
            } catch (VirtualMachineError e) {
                if (e instanceof OutOfMemoryError || e instanceof StackOverflowError) {
                    return Optional.of(new Finding(i, input, e));
                }
                throw e;
            } catch (Throwable e) {
                return Optional.of(new Finding(i, input, e));
            }
        }
        return Optional.empty();
    }

    private byte[] mutate() {
        byte[] data = seeds.get(random.nextInt(seeds.size())).clone();
        int steps = 1 + random.nextInt(4);
        for (int i = 0; i < steps; i++) {
            data = step(data);
        }
        return data;
    }

    private byte[] step(byte[] data) {
        if (data.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        int at = random.nextInt(data.length);
        switch (random.nextInt(9)) {
            case 0 -> data[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> data[at] = (byte) random.nextInt();
            case 2 -> data[at] += (byte) (random.nextBoolean() ? 1 : -1);
            case 3 -> {
                long value = INTERESTING[random.nextInt(INTERESTING.length)];
                int width = Math.min(1 << random.nextInt(4), data.length - at);
                for (int i = 0; i < width; i++) {
                    data[at + i] = (byte) (value >>> (width - 1 - i) * 8);
                }
            }
            case 4 -> data = Arrays.copyOf(data, at);
            case 5 -> data = splice(data, at, data, at, Math.min(data.length, at + 1 + random.nextInt(16)));
            case 6 -> {
                int to = Math.min(data.length, at + 1 + random.nextInt(8));
                byte[] shorter = Arrays.copyOf(data, data.length - (to - at));
                System.arraycopy(data, to, shorter, at, data.length - to);
                data = shorter;
            }
            case 7 -> {
                byte[] noise = new byte[1 + random.nextInt(8)];
                random.nextBytes(noise);
                data = splice(data, at, noise, 0, noise.length);
            }
            default -> {
                byte[] other = seeds.get(random.nextInt(seeds.size()));
                if (other.length > 0) {
                    int from = random.nextInt(other.length);
                    data = splice(data, at, other, from, Math.min(other.length, from + 1 + random.nextInt(64)));
                }
            }
        }
        return data;
    }

    private static byte[] splice(byte[] into, int at, byte[] from, int begin, int end) {
        byte[] result = new byte[into.length + end - begin];
        System.arraycopy(into, 0, result, 0, at);
        System.arraycopy(from, begin, result, at, end - begin);
        System.arraycopy(into, at, result, at + end - begin, into.length - at);
        return result;
    }
}
