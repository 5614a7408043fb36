package dev.itprompt.graph;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All ops there are, for tests that leave none out. */
public final class OpKinds {

    private OpKinds() {}

    /** The records that are ops. */
    public static Set<Class<?>> all() {
        return records(Op.class).collect(Collectors.toSet());
    }

    private static Stream<Class<?>> records(Class<?> kind) {
        return kind.isRecord() ? Stream.of(kind) : Stream.of(kind.getPermittedSubclasses()).flatMap(OpKinds::records);
    }
}
