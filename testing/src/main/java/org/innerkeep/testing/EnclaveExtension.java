package org.innerkeep.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.innerkeep.channel.call.HostVisible;
import org.innerkeep.testing.RunningEnclave.Mode;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Gives each {@link EnclaveTest} its enclave. One keeper serves all tests of a run. */
public final class EnclaveExtension implements TestTemplateInvocationContextProvider {
    private static final Namespace SPACE = Namespace.create(EnclaveExtension.class);

    /** Called by JUnit. */
    public EnclaveExtension() {}

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return context.getRequiredTestMethod().isAnnotationPresent(EnclaveTest.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        TestEnclave settings = context.getRequiredTestClass().getAnnotation(TestEnclave.class);
        if (settings == null) {
            throw new IllegalStateException(context.getRequiredTestClass().getName() + " has no @TestEnclave");
        }
        return modes(settings, System.getProperty("innerkeep.modes", "mock,process")).stream().map(mode -> new Invocation(mode, settings));
    }

    static List<Mode> modes(TestEnclave settings, String chosen) {
        List<Mode> modes = Arrays.stream(chosen.split(",", -1))
                .map(name -> Mode.valueOf(name.strip().toUpperCase(Locale.ROOT)))
                .toList();
        return settings.bundle().isEmpty() ? modes.stream().filter(mode -> mode == Mode.MOCK).toList() : modes;
    }

    private record Invocation(Mode mode, TestEnclave settings) 
            implements TestTemplateInvocationContext, ExecutionCondition, ParameterResolver {
        @Override
        public String getDisplayName(int number) {
            return mode.name().toLowerCase(Locale.ROOT);
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(this);
        }

        private Path bundle() {
            return Path.of(settings.bundle()).toAbsolutePath();
        }

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return mode == Mode.MOCK || Files.isRegularFile(bundle())
                    ? ConditionEvaluationResult.enabled("there is what it needs")
                    : ConditionEvaluationResult.disabled(bundle() + " has not been packed yet: 'mvn verify' packs it, then runs this test");
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == RunningEnclave.class;
        }

        @Override
        public RunningEnclave resolveParameter(ParameterContext parameter, ExtensionContext context) {
            // The store closes it when the test has ended.
            return context.getStore(SPACE).computeIfAbsent(mode, _ -> start(context), RunningEnclave.class);
        }

        private RunningEnclave start(ExtensionContext context) {
            try {
                Map<Class<?>, Object> offers = offers(settings.host());
                return switch (mode) {
                    case MOCK -> mock(offers);
                    case PROCESS -> process(context, offers);
                };
            } catch (IOException e) {
                throw new IllegalStateException("the enclave under test did not start: " + e.getMessage(), e);
            }
        }

        private RunningEnclave mock(Map<Class<?>, Object> offers) throws IOException {
            MockEnclaves enclaves = MockEnclaves.of(settings.program());
            for (Map.Entry<Class<?>, Object> offer : offers.entrySet()) {
                enclaves = offering(enclaves, offer.getKey(), offer.getValue());
            }
            return enclaves.start();
        }

        private static <T> MockEnclaves offering(MockEnclaves enclaves, Class<T> service, Object implementation) {
            return enclaves.offering(service, service.cast(implementation));
        }

        private RunningEnclave process(ExtensionContext context, Map<Class<?>, Object> offers) throws IOException {
            return context.getRoot()
                    .getStore(SPACE)
                    .computeIfAbsent(ProcessEnclaves.class, _ -> keeper(), ProcessEnclaves.class)
                    .start(bundle(), offers);
        }

        private static ProcessEnclaves keeper() {
            try {
                return ProcessEnclaves.open();
            } catch (IOException e) {
                throw new IllegalStateException("the keeper for tests did not start: " + e.getMessage(), e);
            }
        }

        private static Map<Class<?>, Object> offers(Class<?> host) {
            Map<Class<?>, Object> offers = new LinkedHashMap<>();
            if (host == Object.class) {
                return offers;
            }
            Object instance;
            try {
                var constructor = host.getDeclaredConstructor();
                constructor.setAccessible(true);
                instance = constructor.newInstance();
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(host.getName() + " needs a constructor without parameters", e);
            }
            for (Class<?> service : host.getInterfaces()) {
                if (service.isAnnotationPresent(HostVisible.class)) {
                    offers.put(service, instance);
                }
            }
            if (offers.isEmpty()) {
                throw new IllegalStateException(host.getName() + " implements no interface marked @HostVisible");
            }
            return offers;
        }
    }
}
