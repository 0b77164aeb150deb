package org.innerkeep.enclave.internal;

import java.io.IOException;
import java.util.Optional;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.keeper.PlatformService;
import org.innerkeep.channel.keeper.PlatformService.RegisterState;
import org.innerkeep.channel.keeper.RegisterRefusedException;
import org.innerkeep.enclave.PlatformRegister;
import org.innerkeep.evidence.Bytes;

/** A register that this enclave holds until it ends. */
final class ClaimedRegister implements PlatformRegister {
    private final PlatformService platform;
    private final String name;
    private Optional<State> state;
    private boolean unknown;

    private ClaimedRegister(PlatformService platform, String name, Optional<State> state) {
        this.platform = platform;
        this.name = name;
        this.state = state;
    }

    static ClaimedRegister claim(PlatformService platform, String name) throws IOException {
        try {
            return new ClaimedRegister(
                    platform,
                    name,
                    platform.claimRegister(name).map(found -> new State(found.version(), Bytes.of(found.digest()))));
        } catch (RegisterRefusedException e) {
            throw new IOException("the platform does not give this enclave its register: " + e.getMessage(), e);
        } catch (CallException e) {
            throw new IOException("the keeper gave no register", e);
        }
    }

    @Override
    public synchronized Optional<State> state() {
        return state;
    }

    @Override
    public synchronized void advance(State next) throws IOException {
        long from = state.map(State::version).orElse(0L);
        if (unknown || next.version() <= from) {
            throw new IOException("register '" + name + "': expected a higher version than " + from
                    + (unknown ? ", and to know what it says: an earlier attempt to set it failed" : ", found "
                    + next.version()));
        }
        // Until it is known how this ends: a failure leaves open whether it was set.
        unknown = true;
        try {
            platform.advanceRegister(name, from, new RegisterState(next.version(), next.digest().toArray()));
        } catch (RegisterRefusedException e) {
            throw new IOException("the platform does not set its register: " + e.getMessage(), e);
        } catch (CallException e) {
            throw new IOException("the keeper did not say that it set the register", e);
        }
        state = Optional.of(next);
        unknown = false;
    }
}
