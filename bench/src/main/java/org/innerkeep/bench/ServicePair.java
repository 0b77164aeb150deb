package org.innerkeep.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A service, which runs as {@code innerkeep serve} does, and what sends it requests: two processes. */
record ServicePair(Child service, Child load) implements AutoCloseable {
    /** What the sender is to be told. */
    interface LoadArguments {
        List<String> of(Child service) throws IOException;
    }

    /**
     * Starts both.
     *
     * @param place a folder that takes everything
     * @param settings of the service, without folder, address and issuer
     * @param load the sender's program
     * @param arguments the sender's, once the service runs
     */
    static ServicePair start(Path place, Map<String, String> settings, Class<?> load, LoadArguments arguments) throws IOException {
        Map<String, String> values = new TreeMap<>(settings);
        values.put("folder", place.resolve("state").toString());
        values.put("listen", "127.0.0.1:0");
        values.put("issuer", "https://localhost:8443");
        StringBuilder text = new StringBuilder();
        values.forEach((name, value) -> text.append(name).append('=').append(value.replace("\\", "\\\\")).append('\n'));
        Path file = Files.writeString(place.resolve("service.properties"), text);
        Child service = Child.startWithErrors(
                place.resolve("errors"), List.of("--enable-native-access=ALL-UNNAMED"), AttestTarget.class.getName(), file.toString());
        try {
            String[] told = arguments.of(service).toArray(String[]::new);
            return new ServicePair(service, Child.startWithErrors(place.resolve("load-errors"), List.of(), load.getName(), told));
        } catch (IOException e) {
            service.close();
            throw e;
        }
    }

    /** {@return what the service has used of the processors, nanoseconds} */
    long processorNanos() throws IOException {
        return Long.parseLong(service.ask("processor"));
    }

    @Override
    public void close() {
        load.close();
        service.close();
    }
}
