package org.innerkeep.enclave;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;

/**
 * Everything that an enclave can do beside computing. Whatever comes from the host or from a client is hostile; time too
 * comes from the host. Safe for use by several threads.
 */
public interface EnclaveContext {
    /** {@return what the platform says this enclave is} */
    EnclaveIdentity identity();

    /**
     * Offers an interface to remote clients. Calls come concurrently, each on a virtual thread.
     *
     * @param service a plain interface whose types can be carried
     * @param implementation serves every session
     * @param <T> the interface
     */
    default <T> void offerToClients(Class<T> service, T implementation) {
        offerToEachClient(service, session -> implementation);
    }

    /**
     * Offers an interface to remote clients, with an implementation of its own for each session.
     *
     * @param service a plain interface whose types can be carried
     * @param perSession makes the implementation when a session begins
     * @param <T> the interface
     */
    <T> void offerToEachClient(Class<T> service, Function<ClientSession, T> perSession);

    /**
     * Offers an interface to the untrusted host.
     *
     * @param service an interface marked {@link org.innerkeep.channel.call.HostVisible}
     * @param implementation serves the host
     * @param <T> the interface
     */
    <T> void offerToHost(Class<T> service, T implementation);

    /**
     * Lets ordinary HTTPS clients reach a server of the program: their TLS ends in the enclave's runtime, and what they send goes in
     * the clear to this port of the loopback address, inside the enclave's own network, which nobody else can reach. The server needs
     * to know nothing of enclaves.
     *
     * <p>Such clients verify the evidence in the enclave's certificate (RA-TLS), which is renewed every hour. That is weaker than an
     * attested session, which gets fresh evidence for itself: see {@link org.innerkeep.channel.session.AttestedContext}.
     *
     * @param port where the server listens, 1 to 65535
     * @throws IllegalStateException if a server is offered already; or if the enclave shares the machine's network, where everybody on the
     *     machine could reach the port: the keeper must run as root to give enclaves a network of their own
     */
    void offerServer(int port);

    /**
     * An interface that the host offers. What it returns is hostile.
     *
     * @param service an interface marked {@link org.innerkeep.channel.call.HostVisible}
     * @param deadline how long each call may take
     * @param <T> the interface
     * @return a proxy; its calls throw {@link org.innerkeep.channel.call.CallException}
     */
    <T> T host(Class<T> service, Duration deadline);

    /**
     * A log that leaves the enclave sealed. Whoever agrees to the code agrees to who reads its log, so the recipient is named when
     * the program starts, before any client has confided anything. Requests that fail by an undeclared exception are logged too.
     *
     * @param recipient an age recipient, {@code age1pq1…} or {@code age1…}: the developer's, or one that the clients agreed on
     * @return the log
     * @throws IllegalArgumentException if this is no age recipient
     * @throws IllegalStateException if the program has started already, or has a log
     */
    SealedLog log(String recipient);

    /**
     * A number that the host can read, by name. Names are said when the program starts, so that none is made from what a client
     * confides; values are public.
     *
     * @param name 1 to 64 lower-case letters, digits, hyphens and underscores, beginning with a letter
     * @return the counter, at 0
     * @throws IllegalArgumentException if the name is not one, is taken, or is one too many (64)
     * @throws IllegalStateException if the program has started already
     */
    Counter counter(String name);

    /**
     * Has the platform sign that this enclave vouches for a value. Labels of the runtime cannot be reached, so that a program
     * cannot be made to vouch for a stranger's session or statement.
     *
     * @param purpose what the program uses it for, its own choice
     * @param context the value
     * @return evidence with report data {@link org.innerkeep.evidence.ReportData#ofProgram}
     * @throws IOException if the platform cannot be reached
     */
    byte[] attest(String purpose, byte[] context) throws IOException;

    /**
     * Signs a statement that anybody can verify later, offline.
     *
     * @param purpose what it states, at most 128 characters
     * @param content what it states, at most 1 MiB
     * @return an encoded {@link org.innerkeep.evidence.Statement} with its evidence inside
     * @throws IOException if the platform cannot be reached
     */
    byte[] sign(String purpose, byte[] content) throws IOException;

    /**
     * Encrypts to this enclave's own identity on its own platform (AES-256-GCM under a key of its own for each value). An old
     * sealed value stays valid: who stores it can give back an older one.
     *
     * @param to who can open it
     * @param plaintext at most 64 MiB
     * @return sealed bytes, 56 to 65 more than the plaintext
     * @throws IOException if the platform cannot be reached
     */
    byte[] seal(SealTo to, byte[] plaintext) throws IOException;

    /**
     * Opens what an enclave of the same identity sealed.
     *
     * @param sealed hostile bytes
     * @return the plaintext
     * @throws UnsealException if they were changed or this enclave may not open them
     * @throws IOException if the platform cannot be reached
     */
    byte[] unseal(byte[] sealed) throws UnsealException, IOException;

    /**
     * A data owner's vault, which gives this enclave the keys of sealed files. Whoever names the vault decides whose keys and
     * files are taken, so its location belongs into the measured code, or into a job that everybody agreed to. The host must be
     * allowed to carry to it: {@code Host.carrying}, {@code innerkeep run --vault}.
     *
     * @param location its address, with its key as fragment: {@code https://vault.example:8443#vault-key:MFkw…}
     * @return the vault, of which nothing is asked yet
     * @throws IllegalArgumentException if it has no key, or the address is not https (http only to a loopback address in digits)
     */
    Vault vault(URI location);

    /**
     * Values that outlive this enclave, kept by the host, which must offer {@link org.innerkeep.channel.state.StateStore}: {@code
     * Host.offering}, {@code innerkeep run --state}.
     *
     * @param settings to whom they are sealed
     * @return the store, of which nothing is asked yet
     */
    EnclaveStore store(StoreSettings settings);

    /**
     * A register of the platform's, by which this enclave finds out whether its host gives it the newest of what it keeps.
     * Claimed now, for as long as the enclave runs.
     *
     * @param name 1 to 64 lower-case letters, digits and hyphens, beginning with a letter
     * @return the register; the same one whenever it is asked for
     * @throws IOException if another enclave of this identity has it and has not ended, a later security version has set it, or
     *     the platform cannot be reached
     */
    PlatformRegister register(String name) throws IOException;

    /**
     * A measured native library of the bundle, for {@link System#load}.
     *
     * @param name its name without prefix and suffix, such as {@code xgboost4j}
     * @return its absolute path
     * @throws IllegalArgumentException if the bundle has none of that name for this machine
     */
    Path nativeLibrary(String name);
}
