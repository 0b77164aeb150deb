package org.innerkeep.vault.release;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.key.IdentityKeys;
import org.innerkeep.vault.key.KeyName;

/**
 * A process that makes keys, grants, releases, rotates, revokes, deletes and, every other one, purges, and says each once it is done,
 * until it is killed. Its lines: what was done, the key's name, and the id of the version or grant.
 */
final class CrashingVault {
    private static final int THREADS = 4;

    private CrashingVault() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        FakeEnclave enclave = FakeEnclave.good();
        TestVault vault = TestVault.open(Path.of(arguments[0]), LogKey.read(Path.of(arguments[1])), enclave.anchor());
        System.out.println("ready - -");
        for (int i = 0; i < THREADS; i++) {
            String prefix = (arguments[2] + "-" + i).toLowerCase(Locale.ROOT);
            Thread.ofPlatform().start(() -> {
                try {
                    for (int n = 0; ; n++) {
                        life(vault, enclave, prefix + "-" + n, n % 2 == 1);
                    }
                } catch (Exception e) {
                    e.printStackTrace();
                    Runtime.getRuntime().halt(1);
                }
            });
        }
    }

    private static void life(TestVault vault, FakeEnclave enclave, String name, boolean purged) throws Exception {
        KeyName key = new KeyName(name);
        Recipient recipient = vault.newKey(name, KeyKind.CLASSIC);
        say("created", name, vault.key(name).newest().id());
        Grant grant = FakeEnclave.grant(OptionalLong.of(2), Optional.empty());
        vault.keys.grant(key, grant, TestVault.OWNER);
        say("granted", name, grant.id());
        byte[] sealed = TestVault.seal("text", recipient);
        vault.read(name, sealed, enclave);
        say("released", name, grant.id());
        try (Identity identity = Identity.generate(KeyKind.CLASSIC, new SecureRandom());
                IdentityKeys version = IdentityKeys.of(identity)) {
            say("created", name, vault.keys.rotate(key, version.version(), TestVault.OWNER).key().newest().id());
        }
        vault.read(name, sealed, enclave);
        say("released", name, grant.id());
        vault.keys.revoke(key, grant.id(), TestVault.OWNER);
        say("revoked", name, grant.id());
        vault.keys.delete(key, TestVault.OWNER);
        say("deleted", name, grant.id());
        if (purged) {
            vault.keys.purge(key, TestVault.OWNER);
            say("purged", name, grant.id());
        }
    }

    private static void say(String what, String name, String id) {
        System.out.println(what + " " + name + " " + id);
    }
}
