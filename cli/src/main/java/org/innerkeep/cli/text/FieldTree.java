package org.innerkeep.cli.text;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.innerkeep.evidence.Bytes;
import org.jspecify.annotations.Nullable;

/** Prints every field of a parsed structure, one on a line, inner structures indented. */
public final class FieldTree {
    private static final int WIDTH = 30;

    private final PrintWriter out;

    /**
     * Prints to a writer.
     *
     * @param out where to
     */
    public FieldTree(PrintWriter out) {
        this.out = out;
    }

    /**
     * Prints a structure.
     *
     * @param structure a record
     */
    public void print(Record structure) {
        fields(structure, "");
    }

    private void fields(Record structure, String indent) {
        for (RecordComponent component : structure.getClass().getRecordComponents()) {
            field(component.getName(), value(structure, component), indent);
        }
    }

    private static @Nullable Object value(Record structure, RecordComponent component) {
        try {
            var accessor = component.getAccessor();
            // The record may be of a kind whose class is not public; its accessor always is.
            accessor.setAccessible(true);
            return accessor.invoke(structure);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }

    private void field(String name, @Nullable Object value, String indent) {
        switch (value) {
            case null -> {}
            case Optional<?> optional -> optional.ifPresent(present -> field(name, present, indent));
            case OptionalInt optional -> optional.ifPresent(present -> field(name, present, indent));
            case OptionalLong optional -> optional.ifPresent(present -> field(name, present, indent));
            case Bytes bytes -> line(name, bytes.hex(), indent);
            case byte[] bytes -> line(name, HexFormat.of().formatHex(bytes), indent);
            case Record record when record.getClass().getRecordComponents().length == 0 ->
                line(name, record.toString(), indent);
            case Record record -> {
                line(name, "", indent);
                fields(record, indent + "  ");
            }
            case Map<?, ?> map -> {
                line(name, map.isEmpty() ? "none" : "", indent);
                map.forEach((key, each) -> field(String.valueOf(key), each, indent + "  "));
            }
            case Collection<?> list -> {
                line(name, list.isEmpty() ? "none" : "", indent);
                int index = 0;
                for (Object each : list) {
                    field("[" + index++ + "]", each, indent + "  ");
                }
            }
            case X509Certificate certificate -> line(name, certificate.getSubjectX500Principal() + ", serial "
                    + certificate.getSerialNumber().toString(16) + ", " + certificate.getNotBefore().toInstant() + " to "
                    + certificate.getNotAfter().toInstant(), indent);
            case long[] numbers -> line(name, Arrays.toString(numbers), indent);
            case int[] numbers -> line(name, Arrays.toString(numbers), indent);
            default -> line(name, value.toString(), indent);
        }
    }

    private void line(String name, String value, String indent) {
        String head = indent + Shown.line(name);
        out.println(value.isEmpty() ? head : String.format("%-" + WIDTH + "s  %s", head, Shown.line(value)));
    }
}
