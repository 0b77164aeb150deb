package org.innerkeep.testing;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.channel.keeper.PlatformService.RegisterState;
import org.innerkeep.channel.keeper.RegisterRefusedException;
import org.innerkeep.channel.keeper.RegisterRefusedException.Code;

/** The registers of a mock platform, as long as it lives. One enclave at a time holds each. Safe for use by several threads. */
final class MockRegisters {
    private record Key(Object signer, long product, boolean debug, String name) {}

    private record Kept(long securityVersion, RegisterState state) {}

    private final Map<Key, Kept> kept = new HashMap<>();
    private final Map<Key, Object> holders = new HashMap<>();

    private static Key key(MockIdentity identity, String name) {
        return new Key(identity.signerId(), identity.productId(), identity.debug(), name);
    }

    synchronized Optional<RegisterState> claim(Object enclave, MockIdentity identity, String name)
            throws RegisterRefusedException {
        Key key = key(identity, name);
        if (!holders.getOrDefault(key, enclave).equals(enclave)) {
            throw refused(Code.HELD, "another enclave has register '" + name + "'");
        }
        Optional<Kept> found = Optional.ofNullable(kept.get(key));
        if (found.isPresent() && found.get().securityVersion() > identity.securityVersion()) {
            throw refused(Code.NEWER_VERSION, "register '" + name + "' was set by a later version");
        }
        holders.put(key, enclave);
        return found.map(Kept::state);
    }

    synchronized void advance(Object enclave, MockIdentity identity, String name, long from, RegisterState to)
            throws RegisterRefusedException {
        Key key = key(identity, name);
        if (!enclave.equals(holders.get(key))) {
            throw refused(Code.NOT_CLAIMED, "register '" + name + "' is not this enclave's");
        }
        long now = Optional.ofNullable(kept.get(key)).map(each -> each.state().version()).orElse(0L);
        if (now != from || to.version() <= from) {
            throw refused(Code.MOVED_ON, "register '" + name + "' has version " + now);
        }
        kept.put(key, new Kept(identity.securityVersion(), to));
    }

    synchronized void release(Object enclave) {
        holders.values().removeIf(enclave::equals);
    }

    private static RegisterRefusedException refused(Code code, String message) {
        return new RegisterRefusedException(new RegisterRefusedException.Detail(code, message));
    }
}
