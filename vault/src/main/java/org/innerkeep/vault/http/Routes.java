package org.innerkeep.vault.http;

import java.util.List;
import java.util.Set;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.http.Access;
import org.innerkeep.attestation.http.Reply;
import org.innerkeep.attestation.http.Route;
import org.innerkeep.attestation.http.Route.Call;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.KeyStore;
import org.innerkeep.vault.key.VaultKey;

/** How the vault's operations are listed, and what they have in common. */
final class Routes {
    private Routes() {}

    /** What an operation does; a store that cannot be used is the same to all. */
    @FunctionalInterface
    interface Doing {
        Reply run(Call call) throws RefusedException, StoreException;
    }

    static Route of(String name, String method, String template, String summary, Access needs, Doing doing) {
        return new Route(name, method, template, summary, needs, Set.of(), List.of(), 0, guarded(doing));
    }

    static Route of(
            String name, String method, String template, String summary, Access needs, String type, int most, Doing doing) {
        return new Route(name, method, template, summary, needs, Set.of(), List.of(type), most, guarded(doing));
    }

    private static Route.Action guarded(Doing doing) {
        return call -> {
            try {
                return doing.run(call);
            } catch (StoreException e) {
                String look = e.mayHaveHappened() ? " Look whether it was done before you repeat it." : "";
                throw new RefusedException(Code.UNAVAILABLE, "vault: its store cannot be used now (" + e.code()
                        + "); the operator's log says why." + look);
            }
        };
    }

    static KeyName name(Call call) {
        // The route lets letters, digits and hyphens through only.
        return new KeyName(call.variable("name"));
    }

    static VaultKey find(KeyStore keys, KeyName name) throws RefusedException, StoreException {
        return keys.find(name).orElseThrow(
                () -> new RefusedException(Code.NOT_FOUND, "key '" + name + "': this vault has none of this name."));
    }
}
