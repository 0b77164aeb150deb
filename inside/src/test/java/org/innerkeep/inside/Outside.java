package org.innerkeep.inside;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.attestation.store.ChangeJournal;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.state.JournalStore;
import org.innerkeep.enclave.PlatformRegister;
import org.innerkeep.enclave.UnsealException;
import org.innerkeep.evidence.Bytes;

/**
 * What is outside an enclave, in memory: a host's journal, a platform's register and sealing key. It can end the enclave at any
 * call, before or after it did what was asked, and be given back to an earlier state.
 */
final class Outside implements JournalStore, PlatformRegister, ChapterRecords.Sealer {
    /** The enclave is ended here: nothing it does afterwards has an effect. */
    static final class EndedHere extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    static final Carried.Settings SETTINGS = settings(1, "settings");

    private static final String NAME = "service";

    private final SecretKeySpec sealing;
    private NavigableMap<Long, List<byte[]>> chapters = new TreeMap<>();
    private Optional<State> register = Optional.empty();
    private int callsLeft = Integer.MAX_VALUE;
    private boolean doneFirst;
    private boolean failsOnly;
    private int toRecovery;
    private long maxContent = JournalReader.MAX_CONTENT;

    static Carried.Settings settings(long securityVersion, String what) {
        return new Carried.Settings(securityVersion, Bytes.sha256(what.getBytes(StandardCharsets.UTF_8)));
    }

    Outside() {
        this(1);
    }

    /** With a sealing key of its own. */
    Outside(int platform) {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) platform);
        this.sealing = new SecretKeySpec(key, "AES");
    }

    Outside copy() {
        Outside copy = new Outside();
        chapters.forEach((number, records) -> copy.chapters.put(number, new ArrayList<>(records)));
        copy.register = register;
        copy.maxContent = maxContent;
        return copy;
    }

    /** Puts back what another one keeps at its host; the register stays. */
    void putBack(Outside other) {
        chapters = other.copy().chapters;
    }

    NavigableMap<Long, List<byte[]>> kept() {
        return chapters;
    }

    void forgetRegister() {
        register = Optional.empty();
    }

    /** Ends the enclave at a later call. */
    void endAt(int call, boolean afterwards) {
        callsLeft = call;
        doneFirst = afterwards;
        failsOnly = false;
    }

    /** Has one later call fail, as if the host did not answer. */
    void failAt(int call, boolean afterwards) {
        endAt(call, afterwards);
        failsOnly = true;
    }

    private void at(Runnable effect) {
        callsLeft--;
        if (callsLeft > 0) {
            effect.run();
            return;
        }
        if (callsLeft == 0 && doneFirst) {
            effect.run();
        }
        if (failsOnly) {
            callsLeft = Integer.MAX_VALUE;
            throw new CallException(CallException.Code.DEADLINE, "the host does not answer");
        }
        throw new EndedHere();
    }

    SealedJournal open() throws IOException {
        return open("");
    }

    SealedJournal open(String accepted) throws IOException {
        return open(NAME, accepted, SETTINGS);
    }

    SealedJournal open(Carried.Settings settings) throws IOException {
        return open(NAME, "", settings);
    }

    private SealedJournal open(String name, String accepted, Carried.Settings settings) throws IOException {
        callsLeft = Integer.MAX_VALUE;
        return SealedJournal.open(name, this, this, this, accepted, settings, maxContent, Outside::secrets, new SecureRandom());
    }

    /** Bounds what a chapter has. */
    void maxContent(long bytes) {
        maxContent = bytes;
    }

    /** Seals to so many recipients that it takes this much. */
    void sealedBytes(int bytes) {
        toRecovery = bytes;
    }

    /** Whatever they are, a journal only keeps them. */
    private static byte[] secrets() {
        byte[] secrets = new byte[64];
        new SecureRandom().nextBytes(secrets);
        return secrets;
    }

    SealedJournal openAs(String name) throws IOException {
        return open(name, "", SETTINGS);
    }

    /** A database of lines: each change is a line, an image is all of them. */
    static final class Lines implements ChangeJournal.Reader {
        private final List<String> lines = new ArrayList<>();

        @Override
        public void image(byte[] database) {
            lines.clear();
            new String(database, StandardCharsets.UTF_8).lines().forEach(lines::add);
        }

        @Override
        public void change(byte[] change) {
            lines.add(new String(change, StandardCharsets.UTF_8));
        }

        byte[] image() {
            return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        }

        List<String> lines() {
            return lines;
        }
    }

    @Override
    public List<Chapter> chapters() {
        return chapters.entrySet().stream().map(each -> new Chapter(each.getKey(), each.getValue().size())).toList();
    }

    @Override
    public Optional<byte[]> read(long chapter, int index) {
        return Optional.ofNullable(chapters.get(chapter)).filter(records -> index < records.size())
                .map(records -> records.get(index).clone());
    }

    @Override
    public void append(long chapter, int index, byte[] sealed) {
        at(() -> {
            List<byte[]> records = chapters.computeIfAbsent(chapter, _ -> new ArrayList<>());
            while (records.size() > index) {
                records.removeLast();
            }
            if (records.size() != index) {
                throw new AssertionError("record " + index + " behind " + records.size());
            }
            records.add(sealed.clone());
        });
    }

    @Override
    public void discard(long before) {
        at(() -> chapters.headMap(before).clear());
    }

    @Override
    public Optional<State> state() {
        return register;
    }

    @Override
    public void advance(State next) throws IOException {
        try {
            at(() -> register = Optional.of(next));
        } catch (CallException e) {
            throw new IOException("the platform does not answer", e);
        }
    }

    @Override
    public ChapterRecords.Sealed seal(byte[] plaintext) {
        byte[] nonce = new byte[12];
        new SecureRandom().nextBytes(nonce);
        byte[] sealed = crypt(Cipher.ENCRYPT_MODE, nonce, plaintext).orElseThrow();
        byte[] all = Arrays.copyOf(nonce, nonce.length + sealed.length);
        System.arraycopy(sealed, 0, all, nonce.length, sealed.length);
        return new ChapterRecords.Sealed(all, new byte[toRecovery]);
    }

    @Override
    public byte[] unseal(ChapterRecords.Sealed given) throws UnsealException {
        byte[] sealed = given.toEnclave();
        if (sealed.length < 28) {
            throw new UnsealException("too short");
        }
        return crypt(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, 12), Arrays.copyOfRange(sealed, 12, sealed.length))
                .orElseThrow(() -> new UnsealException("changed, or another platform's"));
    }

    private Optional<byte[]> crypt(int mode, byte[] nonce, byte[] input) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, sealing, new GCMParameterSpec(128, nonce));
            return Optional.of(cipher.doFinal(input));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }
}
