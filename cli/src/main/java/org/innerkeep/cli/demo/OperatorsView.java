package org.innerkeep.cli.demo;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.cli.demo.World.HospitalSide;
import org.innerkeep.cli.leakcheck.Limits;
import org.innerkeep.cli.leakcheck.Needles;
import org.innerkeep.cli.leakcheck.Place;
import org.innerkeep.cli.leakcheck.Scan;
import org.innerkeep.cli.leakcheck.ScanReport;

/** What the operator can see: its storage, what it relayed, swap, temporary files, the memory of its host process. */
final class OperatorsView {
    /** How many places come first that are the operator's own: its folder, what it relayed, its process. */
    static final int OWN_PLACES = 3;

    private static final Limits LIMITS = new Limits(2L << 30, 4L << 30, 200_000, 32);

    private final Needles needles;
    private final Set<Path> before;

    private OperatorsView(Needles needles, Set<Path> before) {
        this.needles = needles;
        this.before = before;
    }

    /** Everything that it must not see: every row of every hospital, every key. */
    static OperatorsView of(World world, Set<Path> temporaryBefore) throws IOException {
        Needles.Builder builder = Needles.builder();
        for (HospitalSide hospital : world.hospitals()) {
            Study.addRows(builder, hospital.name(), world.study().table(hospital.name()));
            addKeys(builder, world.stage().folder(hospital.party()), hospital.name());
            if (world.vaults().served()) {
                builder.key(hospital.name() + " vault's master key", world.vaults().masterKey(hospital));
            }
        }
        byte[] root = Files.readAllBytes(world.keeperFolder().resolve("sealing.root"));
        builder.key("keeper's sealing root", root);
        return new OperatorsView(builder.build(), temporaryBefore);
    }

    private static void addKeys(Needles.Builder builder, Path folder, String name) throws IOException {
        byte[] ownerKey = Files.readAllBytes(folder.resolve("owner.key"));
        // The last 32 bytes of an Ed25519 PKCS #8 file are the secret itself (RFC 8410, section 7).
        builder.key(name + " signing key", java.util.Arrays.copyOfRange(ownerKey, ownerKey.length - 32, ownerKey.length));
        Files.readString(folder.resolve("identity.age"))
                .lines()
                .filter(line -> line.startsWith("AGE-SECRET-KEY-"))
                .forEach(line -> builder.keyText(name + " identity", line.strip()));
        List<Identity> identities;
        try (InputStream in = Files.newInputStream(folder.resolve("identity.age"))) {
            identities = Identity.readFile(in);
        }
        byte[] sealed = Files.readAllBytes(folder.resolve("records.age"));
        try (FileKey key = SealedFile.unwrap(new ByteArrayInputStream(sealed), identities)) {
            builder.key(name + " file key", key.exposeSecretBytes());
        } finally {
            identities.forEach(Identity::close);
        }
    }

    /** What lies in the places for temporary files now; what comes later is looked at. */
    static Set<Path> temporaryFiles(Path stage) throws IOException {
        Set<Path> found = new HashSet<>(Set.of(stage));
        for (Place place : Place.temporaryFolders(Set.of())) {
            if (place instanceof Place.Tree tree) {
                try (var entries = Files.list(tree.path())) {
                    found.addAll(entries.toList());
                }
            }
        }
        return found;
    }

    /** Of a host that carried to vaults too, where there was one. */
    ScanReport ofOperator(World world, long hostPid, OptionalLong hostWithVaults, Path record) {
        List<Place> places = new ArrayList<>();
        places.add(new Place.Tree("storage and folder of the operator", world.stage().folder(world.operator()), Set.of(record)));
        places.add(new Place.Tree("bytes that it relayed", record, Set.of()));
        places.add(new Place.Memory("memory of its host process", hostPid));
        hostWithVaults.ifPresent(pid -> places.add(new Place.Memory("memory of the host that carried to vaults", pid)));
        places.addAll(Place.temporaryFolders(before));
        places.add(new Place.Swap());
        return new Scan(needles, LIMITS).of(places);
    }

    ScanReport ofUnprotected(Path storage, long pid) {
        return new Scan(needles, LIMITS)
                .of(List.of(
                        new Place.Tree("its storage", storage, Set.of()), new Place.Memory("memory of its process", pid)));
    }

    int needles() {
        return needles.size();
    }
}
