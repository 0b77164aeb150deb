package org.innerkeep.examples.hospitals;

import java.util.Optional;

/** The enclave's side of one hospital's session: knows the session's binding, over which a release is signed. */
final class HospitalDesk implements Training {
    private final TrainingRoom room;
    private final byte[] binding;

    HospitalDesk(TrainingRoom room, byte[] binding) {
        this.room = room;
        this.binding = binding.clone();
    }

    @Override
    public Optional<byte[]> job() {
        return room.jobBytes();
    }

    @Override
    public String recipient() {
        return room.recipient();
    }

    @Override
    public int release(Release release) throws RefusedException {
        return room.release(release, binding);
    }

    @Override
    public Optional<SealedResult> result(String recipient) throws RefusedException {
        return room.result(recipient);
    }
}
