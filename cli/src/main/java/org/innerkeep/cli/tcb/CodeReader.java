package org.innerkeep.cli.tcb;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.RecordAttribute;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads class files (JVMS 4) as far as it matters who calls whom. */
final class CodeReader {
    private static final ClassFile FORM = ClassFile.of(
            ClassFile.DebugElementsOption.DROP_DEBUG, ClassFile.LineNumbersOption.DROP_LINE_NUMBERS);

    /** The classes that a descriptor or a generic signature names. */
    private static final Pattern CLASS_IN_TYPE = Pattern.compile("L([^;<>]+)[;<]");

    private CodeReader() {}

    /**
     * Reads one class.
     *
     * @param jar where it is from
     * @param bytes the class file; hostile
     * @throws IllegalArgumentException if it is no class file
     */
    static CodeClass read(String jar, byte[] bytes) {
        try {
            return of(jar, FORM.parse(bytes), bytes.length);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException e) {
            // The JDK's reader trusts what compilers write: of other bytes it throws whatever comes of them.
            throw new IllegalArgumentException("it breaks the form of class files: " + e, e);
        }
    }

    private static CodeClass of(String jar, ClassModel model, int sizeBytes) {
        Map<Signature, CodeMethod> methods = new LinkedHashMap<>();
        for (MethodModel method : model.methods()) {
            CodeMethod read = method(method);
            methods.put(read.signature(), read);
        }
        Optional<RecordAttribute> components = model.findAttribute(Attributes.record());
        List<String> parts = components.stream()
                .flatMap(record -> record.components().stream())
                .flatMap(component -> Stream.concat(
                        namedIn(component.descriptor().stringValue()),
                        component.findAttribute(Attributes.signature()).stream()
                                .flatMap(signature -> namedIn(signature.signature().stringValue()))))
                .distinct()
                .toList();
        List<String> permitted = model.findAttribute(Attributes.permittedSubclasses()).stream()
                .flatMap(sealed -> sealed.permittedSubclasses().stream())
                .map(CodeReader::name)
                .toList();
        return new CodeClass(
                name(model.thisClass()),
                jar,
                sizeBytes,
                model.flags().has(AccessFlag.INTERFACE),
                components.isPresent() || model.flags().has(AccessFlag.ENUM),
                model.superclass().map(CodeReader::name),
                model.interfaces().stream().map(CodeReader::name).toList(),
                permitted,
                parts,
                methods);
    }

    private static CodeMethod method(MethodModel method) {
        Set<Call> calls = new LinkedHashSet<>();
        Set<String> created = new LinkedHashSet<>();
        Set<String> touched = new LinkedHashSet<>();
        Set<String> reads = new LinkedHashSet<>();
        Set<String> writes = new LinkedHashSet<>();
        method.code().ifPresent(code -> {
            for (CodeElement element : code) {
                switch (element) {
                    case InvokeInstruction invoke -> {
                        String owner = name(invoke.owner());
                        switch (invoke.opcode()) {
                            case INVOKESTATIC -> {
                                touched.add(owner);
                                calls.add(call(owner, invoke, Call.Kind.EXACT));
                            }
                            case INVOKESPECIAL -> calls.add(call(owner, invoke, Call.Kind.EXACT));
                            default -> calls.add(call(owner, invoke, Call.Kind.VIRTUAL));
                        }
                    }
                    case InvokeDynamicInstruction dynamic -> handles(dynamic.bootstrapArgs(), calls, created, touched);
                    case NewObjectInstruction made -> created.add(name(made.className()));
                    case FieldInstruction field -> {
                        if (isStatic(field)) {
                            touched.add(name(field.owner()));
                        }
                        (isRead(field) ? reads : writes).add(name(field.owner()) + "." + field.name().stringValue());
                    }
                    default -> {}
                }
            }
        });
        String descriptor = method.methodType().stringValue();
        Set<String> named = Stream.concat(
                        namedIn(descriptor),
                        method.findAttribute(Attributes.signature()).stream()
                                .flatMap(generic -> namedIn(generic.signature().stringValue())))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return new CodeMethod(
                new Signature(method.methodName().stringValue(), descriptor),
                method.flags().has(AccessFlag.STATIC),
                method.flags().has(AccessFlag.ABSTRACT),
                method.flags().has(AccessFlag.NATIVE),
                calls,
                created,
                touched,
                reads,
                writes,
                named);
    }

    private static boolean isStatic(FieldInstruction field) {
        return switch (field.opcode()) {
            case GETSTATIC, PUTSTATIC -> true;
            default -> false;
        };
    }

    private static boolean isRead(FieldInstruction field) {
        return switch (field.opcode()) {
            case GETFIELD, GETSTATIC -> true;
            default -> false;
        };
    }

    /** A lambda's body and a method reference are called where the object is used, which cannot be seen: so, where it is made. */
    private static void handles(List<ConstantDesc> arguments, Set<Call> calls, Set<String> created, Set<String> touched) {
        for (ConstantDesc argument : arguments) {
            if (!(argument instanceof DirectMethodHandleDesc handle)) {
                continue;
            }
            String owner = name(handle.owner());
            Signature target = new Signature(handle.methodName(), handle.lookupDescriptor());
            switch (handle.kind()) {
                case STATIC, INTERFACE_STATIC -> {
                    touched.add(owner);
                    calls.add(new Call(owner, target, Call.Kind.EXACT));
                }
                case CONSTRUCTOR -> {
                    created.add(owner);
                    calls.add(new Call(owner, target, Call.Kind.EXACT));
                }
                case SPECIAL, INTERFACE_SPECIAL -> calls.add(new Call(owner, target, Call.Kind.EXACT));
                case VIRTUAL, INTERFACE_VIRTUAL -> calls.add(new Call(owner, target, Call.Kind.VIRTUAL));
                default -> {
                    // A field.
                }
            }
        }
    }

    private static Call call(String owner, InvokeInstruction invoke, Call.Kind kind) {
        return new Call(owner, new Signature(invoke.name().stringValue(), invoke.type().stringValue()), kind);
    }

    private static String name(ClassEntry entry) {
        return name(entry.asSymbol());
    }

    /** {@return the binary name} A method of an array is one of {@code Object}. */
    private static String name(ClassDesc type) {
        String descriptor = type.descriptorString();
        return descriptor.startsWith("L")
                ? descriptor.substring(1, descriptor.length() - 1).replace('/', '.')
                : Object.class.getName();
    }

    /** {@return the binary names of the classes in a descriptor or a generic signature} */
    private static Stream<String> namedIn(String type) {
        List<String> names = new ArrayList<>();
        Matcher matcher = CLASS_IN_TYPE.matcher(type);
        while (matcher.find()) {
            names.add(matcher.group(1).replace('/', '.'));
        }
        return names.stream();
    }
}
