package org.innerkeep.examples.server.notes;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps notes in memory: {@code GET /notes} lists them, {@code POST /notes} adds one, {@code POST /echo} sends back what it got. */
public final class NotesMain {
    private NotesMain() {}

    /**
     * Starts the service and returns.
     *
     * @param arguments the port
     */
    public static void main(String[] arguments) {
        List<String> notes = new CopyOnWriteArrayList<>();
        HttpRouting.Builder routes = HttpRouting.builder()
                .get("/notes", (request, response) -> response.send(String.join("\n", notes)))
                .post("/notes", (request, response) -> {
                    notes.add(request.content().as(String.class));
                    response.status(201).send();
                })
                .post("/echo", (request, response) -> response.send(request.content().as(byte[].class)));
        WebServer.builder()
                .host("127.0.0.1")
                .port(Integer.parseInt(arguments[0]))
                .maxPayloadSize(64L << 20)
                .routing(routes)
                .build()
                .start();
    }
}
