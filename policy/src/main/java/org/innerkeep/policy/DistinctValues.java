package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Different values in the order in which they came. Few are compared one by one. Many are looked up by hash, text and numbers
 * apart: sets of one comparable class stay fast even if someone makes all hashes the same.
 */
final class DistinctValues {
    private static final int FEW = 8;

    private final List<ClaimValue> values = new ArrayList<>(1);
    private @Nullable Index index;

    static DistinctValues of(ClaimValue only) {
        DistinctValues one = new DistinctValues();
        one.values.add(only);
        return one;
    }

    /** Adds a value unless it is there; says whether it was added. */
    boolean add(ClaimValue value) {
        if (contains(value)) {
            return false;
        }
        values.add(value);
        if (index != null) {
            index.add(value);
        } else if (values.size() > FEW) {
            Index made = new Index();
            values.forEach(made::add);
            index = made;
        }
        return true;
    }

    boolean contains(ClaimValue value) {
        return index == null ? values.contains(value) : index.contains(value);
    }

    List<ClaimValue> list() {
        return values;
    }

    int size() {
        return values.size();
    }

    /** For many. */
    private static final class Index {
        private final Set<String> texts = new HashSet<>();
        private final Set<Long> numbers = new HashSet<>();
        private boolean trueFound;
        private boolean falseFound;

        void add(ClaimValue value) {
            switch (value) {
                case ClaimValue.Text text -> texts.add(text.value());
                case ClaimValue.Int number -> numbers.add(number.value());
                case ClaimValue.Bool bool -> {
                    trueFound |= bool.value();
                    falseFound |= !bool.value();
                }
            }
        }

        boolean contains(ClaimValue value) {
            return switch (value) {
                case ClaimValue.Text text -> texts.contains(text.value());
                case ClaimValue.Int number -> numbers.contains(number.value());
                case ClaimValue.Bool bool -> bool.value() ? trueFound : falseFound;
            };
        }
    }
}
