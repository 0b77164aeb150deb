package org.innerkeep.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.beFinal;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import java.io.Externalizable;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** ARCHITECTURE.md, held: who may use whom, and what no code here does. */
final class ArchitectureTest {
    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.innerkeep");

    /** The arrows of ARCHITECTURE.md: a module and what it may use, itself aside. */
    private static final Map<String, Set<String>> ARROWS = Map.ofEntries(
            Map.entry("fuzz", Set.of()),
            Map.entry("bundle", Set.of()),
            Map.entry("evidence", Set.of()),
            Map.entry("makers", Set.of("evidence")),
            Map.entry("endorsements", Set.of("evidence")),
            Map.entry("policy", Set.of()),
            Map.entry("attestation", Set.of("evidence", "endorsements", "policy")),
            Map.entry("channel", Set.of("evidence")),
            Map.entry("vault", Set.of("evidence", "policy", "channel", "attestation")),
            Map.entry("enclave", Set.of("channel", "evidence")),
            Map.entry("inside", Set.of("attestation", "vault", "enclave", "channel", "evidence")),
            Map.entry("packing", Set.of("bundle", "channel", "enclave", "evidence")),
            Map.entry("maven", Set.of()),
            Map.entry("keeper", Set.of("bundle", "channel", "evidence")),
            Map.entry("host", Set.of("bundle", "channel")),
            Map.entry("client", Set.of("channel", "evidence", "policy")),
            Map.entry("testing", Set.of("evidence", "channel", "bundle", "enclave", "keeper", "host", "client")),
            Map.entry("examples", Set.of("enclave", "host", "client", "channel", "evidence")),
            Map.entry("cli", Set.of("bundle", "evidence", "endorsements", "policy", "attestation", "vault", "inside", "channel",
                    "enclave", "packing", "keeper", "host", "client", "examples")));

    /** What runs inside every enclave. */
    private static final String[] INSIDE = {
        "org.innerkeep.enclave..", "org.innerkeep.channel..", "org.innerkeep.evidence.."
    };

    private static final DescribedPredicate<JavaClass> OUTSIDE_JAVA_BASE = describe(
            "in a module of the JDK other than java.base, or in a library", ArchitectureTest::isOutsideJavaBase);

    static Stream<String> modules() {
        return ARROWS.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void usesOnlyWhatItsArrowAllows(String module) {
        List<String> forbidden = new ArrayList<>(ARROWS.keySet());
        forbidden.remove(module);
        forbidden.removeAll(ARROWS.getOrDefault(module, Set.of()));

        noClasses()
                .that().resideInAPackage(in(module))
                .should().dependOnClassesThat(resideInAnyPackage(
                        forbidden.stream().map(ArchitectureTest::in).toArray(String[]::new)))
                .allowEmptyShould(module.equals("fuzz"))
                .check(PRODUCT);
    }

    @Test
    void everyPackageBelongsToAModuleOfTheMap() {
        classes().should().resideInAnyPackage(modules().map(ArchitectureTest::in).toArray(String[]::new)).check(PRODUCT);
        // A rule over no classes holds always: every module must have been seen.
        assertThat(modules().filter(module -> !module.equals("fuzz")))
                .allMatch(module -> PRODUCT.stream().anyMatch(resideInAPackage(in(module))));
    }

    @Test
    void noModuleIsPartOfACycle() {
        slices().matching("org.innerkeep.(*)..").should().beFreeOfCycles().check(PRODUCT);
    }

    @Test
    void nobodyReachesIntoAnotherModulesInternals() {
        // Tests run an enclave's own runtime in their JVM, and makers write with what verifiers read with; nothing of production may use
        // what they use.
        modules().forEach(module -> noClasses()
                .that().resideOutsideOfPackages(in(module), in("testing"), in("makers"))
                .should().dependOnClassesThat().resideInAPackage(in(module) + "internal..")
                .check(PRODUCT));
        assertThat(PRODUCT.stream().filter(resideInAPackage("..internal..")))
                .as("every internal package belongs to a module")
                .allMatch(type -> modules().anyMatch(module -> resideInAPackage(in(module) + "internal..").test(type)));
    }

    @Test
    void insideAnEnclaveRunsNothingButThisCodeAndJavaBase() {
        rule(OUTSIDE_JAVA_BASE).check(PRODUCT);
    }

    @Test
    void theRuleForTheInsideFindsAClassOfAnotherModule() {
        // The command uses picocli, so the same rule over it must fail: the predicate sees what it must see.
        assertThatThrownBy(() -> noClasses()
                        .that().resideInAPackage("org.innerkeep.cli..")
                        .should().dependOnClassesThat(OUTSIDE_JAVA_BASE)
                        .check(PRODUCT))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("picocli");
    }

    @Test
    void onlyCommandsAndTheExamplesProgramsPrint() {
        noClasses()
                .that().resideOutsideOfPackages("org.innerkeep.cli..", "org.innerkeep.examples..outside..")
                .and().doNotHaveFullyQualifiedName("org.innerkeep.packing.Pack")
                .should().accessFieldWhere(standardStream())
                .check(PRODUCT);
    }

    @Test
    void nothingTakesPartInJavaSerialization() {
        // Exceptions, keys and random sources inherit the interface from the JDK; nothing here asks for it or uses it.
        noClasses().should(describedAs("be Serializable by themselves", type -> type.getRawInterfaces().stream()
                .anyMatch(each -> each.isEquivalentTo(Serializable.class) || each.isEquivalentTo(Externalizable.class))))
                .check(PRODUCT);
        noClasses().should().dependOnClassesThat(resideInAPackage("java.io").and(describe(
                        "streams of objects", type -> type.getSimpleName().startsWith("Object"))))
                .check(PRODUCT);
    }

    @Test
    void staticFieldsAreFinalAndOfTypesThatDoNotChange() {
        fields().that().areStatic().and(writtenByPeople()).should(beFinal()).check(PRODUCT);
        fields().that().areStatic().and(writtenByPeople()).should().notHaveRawType(describe(
                        "that is made to be changed",
                        type -> type.getPackageName().startsWith("java.util.concurrent.atomic")
                                || type.isAssignableTo(StringBuilder.class)
                                || isConcreteCollection(type)))
                .check(PRODUCT);
        fields().that().areStatic().and(writtenByPeople()).and().haveRawType(describe("array", JavaClass::isArray))
                .should().notBePublic()
                .andShould().notBeProtected()
                .check(PRODUCT);
    }

    private static ArchRule rule(DescribedPredicate<JavaClass> forbidden) {
        return noClasses().that().resideInAnyPackage(INSIDE).should().dependOnClassesThat(forbidden);
    }

    private static ArchCondition<JavaClass> describedAs(String description, Predicate<JavaClass> condition) {
        return ArchCondition.from(describe(description, condition));
    }

    private static String in(String module) {
        return "org.innerkeep." + module + "..";
    }

    private static boolean isOutsideJavaBase(JavaClass type) {
        JavaClass element = type.getBaseComponentType();
        String name = element.getName();
        // Annotations about null are read by the compiler alone.
        if (element.isPrimitive() || name.startsWith("org.innerkeep.") || name.startsWith("org.jspecify.annotations.")) {
            return false;
        }
        return ModuleLayer.boot().findModule("java.base").orElseThrow().getPackages().stream()
                .noneMatch(element.getPackageName()::equals);
    }

    private static DescribedPredicate<JavaAccess<?>> standardStream() {
        return describe(
                "a standard stream",
                access -> access.getTargetOwner().isEquivalentTo(System.class)
                        && Set.of("out", "err").contains(access.getTarget().getName()));
    }

    private static DescribedPredicate<JavaField> writtenByPeople() {
        return describe(
                "written by people", field -> !field.getModifiers().contains(JavaModifier.SYNTHETIC) && !field.getName().contains("$"));
    }

    private static boolean isConcreteCollection(JavaClass type) {
        return !type.isInterface() && (type.isAssignableTo(Collection.class) || type.isAssignableTo(Map.class));
    }
}
