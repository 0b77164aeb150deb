package org.innerkeep.enclave.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.enclave.SealedLog;
import org.jspecify.annotations.Nullable;

/** Entries that wait to be fetched by the host, sealed. Each has a number, so that a reader notices what is missing. */
final class Journal implements SealedLog {
    /** Sizes of what leaves are multiples of this. */
    private static final int BLOCK_BYTES = 4096;

    private static final int MAX_ENTRY_CHARACTERS = 1 << 14;

    /** What strangers can cause to be logged takes no more than this, so that the program's own entries have room. */
    private static final int MAX_OTHERS_CHARACTERS = MAX_CHARACTERS / 2;

    private final Recipient recipient;
    private final SecureRandom random;
    private final InstantSource time;
    private final Queue<String> entries = new ArrayDeque<>();
    private int characters;
    private long next = 1;
    private long dropped;

    Journal(Recipient recipient, SecureRandom random, InstantSource time) {
        this.recipient = recipient;
        this.random = random;
        this.time = time;
    }

    @Override
    public void info(String message) {
        add("INFO", message, null, MAX_CHARACTERS);
    }

    @Override
    public void warning(String message) {
        add("WARNING", message, null, MAX_CHARACTERS);
    }

    @Override
    public void error(String message, Throwable failure) {
        add("ERROR", message, failure, MAX_CHARACTERS);
    }

    /** A failure that whoever calls the enclave can cause as often as they like. */
    void failed(String message, Throwable failure) {
        add("ERROR", message, failure, MAX_OTHERS_CHARACTERS);
    }

    private void add(String level, String message, @Nullable Throwable failure, int most) {
        StringWriter text = new StringWriter();
        text.append(message);
        if (failure != null) {
            text.append('\n');
            failure.printStackTrace(new PrintWriter(text, true));
        }
        String body = text.toString().strip();
        if (body.length() > MAX_ENTRY_CHARACTERS) {
            body = body.substring(0, MAX_ENTRY_CHARACTERS) + "… (cut)";
        }
        // An entry is one line and what is indented below it, so that no message looks like an entry of its own.
        String safe = body.replace("\r", "").replace("\n", "\n    ");
        synchronized (this) {
            String entry = next++ + " " + time.instant() + " " + level + " " + safe + "\n";
            if (characters + entry.length() > most) {
                dropped++;
                return;
            }
            entries.add(entry);
            characters += entry.length();
        }
    }

    /** What waits, sealed to the recipient; empty if nothing does. */
    Optional<byte[]> take() {
        StringBuilder text = new StringBuilder();
        synchronized (this) {
            if (entries.isEmpty() && dropped == 0) {
                return Optional.empty();
            }
            entries.forEach(text::append);
            entries.clear();
            characters = 0;
            if (dropped > 0) {
                text.append("(").append(dropped).append(" entries before number ").append(next).append(" did not fit)\n");
                dropped = 0;
            }
        }
        byte[] plain = text.toString().getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try (OutputStream out = SealedFile.seal(sealed, List.of(recipient), random)) {
            out.write(plain);
            out.write("\n".repeat((BLOCK_BYTES - plain.length % BLOCK_BYTES) % BLOCK_BYTES).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory can be written", e);
        }
        return Optional.of(sealed.toByteArray());
    }
}
