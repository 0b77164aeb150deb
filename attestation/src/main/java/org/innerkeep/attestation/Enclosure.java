package org.innerkeep.attestation;

import java.security.KeyPair;
import java.util.Set;
import java.util.TreeSet;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.store.ChangeJournal;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Bytes;

/**
 * What a service has inside an enclave in place of files, a disk and a network of its own. Its TLS ends before it, and its
 * settings are part of what is measured, so none of them is a secret and none names a file outside.
 *
 * @param port of the loopback address, where it listens in the clear; 0 for any that is free
 * @param journal keeps the store
 * @param logKey signs the log
 * @param tokens wraps the keys that sign tokens; closed with the service
 * @param master wraps the master key of the vault; closed with the service
 * @param release signs what the vault releases through Azure Key Vault's interface, RSA
 * @param acceptance of what the journal gives, if it was knowingly not the newest once: which one, different for each. Until the
 *     vault has written this one down, it begins its next life, with every key disabled. Empty where that never happened
 */
public record Enclosure(
        int port, ChangeJournal journal, LogKey logKey, WrappingKey tokens, WrappingKey master, KeyPair release,
        Bytes acceptance) {
    /** Everything else names a file, a device, another server, or what only an administrator outside can say. */
    private static final Set<String> SETTINGS = Set.of(
            "issuer", "mode", "policy-signers", "endorsements", "root-intel", "root-amd", "root-aws", "root-tpm", "root-nvidia",
            "keeper-anchor", "refuse-debug", "refuse-migration", "accept-tcb", "least-tcb-evaluation",
                    "allow-missing-revocation-list",
            "require-runtime-data", "token-lifetime", "nonce-validity", "key-rotation", "key-overlap", "token-algorithm",
                    "record",
            "keep-contents", "oidc-issuer", "oidc-audience", "oidc-keys", "oidc-reader-role", "oidc-user-role",
                    "oidc-contributor-role",
            "oidc-vault-reader-role", "oidc-vault-role", "admin-key-digest", "vault-admin-key-digest", "user-key-digest",
            "max-connections", "max-at-once", "requests-per-second", "request-timeout", "policy-approvals",
                    "policy-approval-validity",
            "lower-policy-approvals", "vault", "vault-accept-tcb", "vault-evidence-age", "vault-address", "vault-authorization",
            "vault-resource", "vault-authorities", "vault-token-age", "vault-token-debug", "enclave-name", "enclave-accept-state",
                    "enclave-recovery");

    /**
     * Looks whether a service with these settings can run in an enclave.
     *
     * @param configuration the settings
     * @throws IllegalArgumentException naming those that have no meaning there, or one that is missing
     */
    public static void check(ServiceConfiguration configuration) {
        Set<String> others = new TreeSet<>(configuration.names());
        others.removeAll(SETTINGS);
        if (!others.isEmpty()) {
            throw new IllegalArgumentException("in an enclave there are no files, no devices and no network, so these settings"
                    + " have no"
                    + " meaning: " + others + "; there are " + new TreeSet<>(SETTINGS));
        }
        if (configuration.text("oidc-keys").filter(each -> each.startsWith("https:")).isPresent()) {
            throw new IllegalArgumentException("oidc-keys: expected a file, since nothing can be fetched from inside an enclave");
        }
        if (configuration.text("issuer").isEmpty()) {
            throw new IllegalArgumentException("issuer: expected the address that clients use; inside an enclave nothing tells"
                    + " it");
        }
        if (configuration.list("admin-key-digest").isEmpty() && configuration.text("oidc-issuer").isEmpty()) {
            throw new IllegalArgumentException("admin-key-digest: expected SHA-256 of the key of whoever administers the"
                    + " service, in"
                    + " hexadecimal, or else an oidc-issuer: without one nobody could");
        }
    }

    /** {@return what it is; no secret is in it} */
    @Override
    public String toString() {
        return "enclosure of " + logKey;
    }
}
