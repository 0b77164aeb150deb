package org.innerkeep.attestation.http;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.innerkeep.attestation.Problem;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.evidence.Bytes;

/**
 * Takes a request from its headers to its answer:
 *
 * <ol>
 *   <li>its address has not asked too often;
 *   <li>its path is one of the service's, and takes its method;
 *   <li>it names a version of the interface that is known;
 *   <li>its caller may do it, before anything of its body is read;
 *   <li>its body is of a media type that the operation takes, small enough and quick enough;
 *   <li>it is its turn.
 * </ol>
 *
 * Every answer has the same headers, an id, and a line in the log, which holds nothing of what was sent but the path's operation. Safe for
 * use by several threads.
 */
final class Dispatcher {
    private static final Pattern CLIENT_ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
    private static final int ID_BYTES = 16;

    private final List<Route> routes;
    private final AdminAccess access;
    private final RateLimit rate;
    private final Turnstile turnstile;
    private final BodyReader bodies;
    private final Metrics metrics;
    private final AccessLog log;
    private final SecureRandom random;
    private final boolean secure;

    /**
     * What a dispatcher is made of.
     *
     * @param routes the operations
     * @param access who may do what
     * @param rate how often an address may ask
     * @param turnstile how many are worked on at once
     * @param bodies reads bodies
     * @param metrics what is counted
     * @param log of requests
     * @param random for ids
     * @param secure whether clients come by HTTPS, which they are then told to stay with
     */
    record Parts(
            List<Route> routes,
            AdminAccess access,
            RateLimit rate,
            Turnstile turnstile,
            BodyReader bodies,
            Metrics metrics,
            AccessLog log,
            SecureRandom random,
            boolean secure) {}

    Dispatcher(Parts parts) {
        this.routes = parts.routes();
        this.access = parts.access();
        this.rate = parts.rate();
        this.turnstile = parts.turnstile();
        this.bodies = parts.bodies();
        this.metrics = parts.metrics();
        this.log = parts.log();
        this.random = parts.random();
        this.secure = parts.secure();
    }

    Reply dispatch(Incoming request) {
        long begin = System.nanoTime();
        metrics.begun();
        String id = newId();
        String operation = "none";
        Reply reply = Reply.problem(new Problem(Code.INTERNAL, "a fault of the service; its operator finds it under request " + id + "."));
        String caller = Caller.ANONYMOUS.name();
        String challenge = Route.BEARER;
        try {
            if (!rate.admit(request)) {
                throw new RefusedException(Code.TOO_MANY_REQUESTS, "more requests than one address may make; try again later.");
            }
            Matched matched = match(request);
            operation = matched.route().name();
            challenge = matched.route().challenge();
            checkVersion(matched.route(), request);
            Caller who = identify(matched.route(), request);
            caller = who.name();
            checkAccess(matched.route(), who);
            reply = run(matched, request, who, id);
        } catch (RefusedException e) {
            reply = Reply.problem(e.problem(), challenge);
        } catch (RuntimeException e) {
            log.fault(id, e);
        } finally {
            long nanos = System.nanoTime() - begin;
            metrics.answered(operation, reply.code(), nanos);
            log.answered(id, operation, reply.status(), reply.code(), Duration.ofNanos(nanos), request.remoteAddress(), caller);
        }
        return withHeaders(reply, request, id);
    }

    /** Clients of the interface send a token of their own even where none is needed: one that says nothing here is then no fault. */
    private Caller identify(Route route, Incoming request) throws RefusedException {
        Optional<String> header = request.header("Authorization");
        if (route.needs() != Access.ANYONE) {
            return access.identify(header);
        }
        if (route.mediaTypes().isEmpty()) {
            return Caller.ANONYMOUS;
        }
        try {
            return access.identify(header);
        } catch (RefusedException e) {
            return Caller.ANONYMOUS;
        }
    }

    private record Matched(Route route, Map<String, String> variables) {}

    private Matched match(Incoming request) throws RefusedException {
        // Some clients send the colon of ":reset" encoded.
        String path = request.path().replace("%3A", ":").replace("%3a", ":");
        Set<String> methods = new TreeSet<>();
        for (Route each : routes) {
            Optional<Map<String, String>> variables = each.match(path);
            if (variables.isPresent()) {
                if (each.method().equals(request.method())) {
                    return new Matched(each, variables.get());
                }
                methods.add(each.method());
            }
        }
        if (methods.isEmpty()) {
            throw new RefusedException(Code.NOT_FOUND, "there is no operation under this path; /openapi.json lists all.");
        }
        throw new RefusedException(Code.METHOD_NOT_ALLOWED, "this path takes " + String.join(", ", methods) + " only.");
    }

    private static void checkVersion(Route route, Incoming request) throws RefusedException {
        if (!route.versions().isEmpty() && !request.query("api-version").map(route.versions()::contains).orElse(false)) {
            throw new RefusedException(
                    Code.API_VERSION, "api-version: expected one of " + new TreeSet<>(route.versions()) + " in the query.");
        }
    }

    private static void checkAccess(Route route, Caller caller) throws RefusedException {
        if (caller.may(route.needs())) {
            return;
        }
        if (caller.equals(Caller.ANONYMOUS)) {
            throw new RefusedException(Code.UNAUTHORIZED, "this operation needs 'Authorization: Bearer TOKEN'.");
        }
        throw new RefusedException(Code.FORBIDDEN, "the caller has not the role that this operation needs: " + switch (route.needs()) {
            case ANYONE -> "none";
            case READER -> "reader";
            case USER -> "user";
            case CONTRIBUTOR -> "contributor";
            case KEY_VIEWER -> "user or reader of the vault";
            case VAULT_READER -> "reader of the vault";
            case VAULT_OWNER -> "owner of the vault";
        } + ".");
    }

    private Reply run(Matched matched, Incoming request, Caller caller, String id) throws RefusedException {
        Route route = matched.route();
        if (route.mediaTypes().isEmpty()) {
            return inTurn(route, new Route.Call(matched.variables(), request::query, Bytes.EMPTY, caller, id));
        }
        String sent = request.header("Content-Type").orElse("");
        String bare = sent.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!route.mediaTypes().contains(bare)) {
            throw new RefusedException(Code.MEDIA_TYPE, "Content-Type: expected " + String.join(" or ", route.mediaTypes()) + ".");
        }
        if (request.contentLength().orElse(0) > route.maxBodyBytes()) {
            throw new RefusedException(Code.TOO_LARGE, "body: expected at most " + route.maxBodyBytes() + " bytes.");
        }
        try (BodyReader.Held body = bodies.read(request.body(), route.maxBodyBytes())) {
            return inTurn(route, new Route.Call(matched.variables(), request::query, body.bytes(), caller, id));
        }
    }

    private Reply inTurn(Route route, Route.Call call) throws RefusedException {
        if (!turnstile.enter()) {
            throw new RefusedException(Code.TOO_MANY_REQUESTS, "too many requests are being worked on; try again.");
        }
        try {
            return route.action().run(call);
        } finally {
            turnstile.leave();
        }
    }

    private Reply withHeaders(Reply reply, Incoming request, String id) {
        Map<String, String> headers = new LinkedHashMap<>(reply.headers());
        headers.put("x-ms-request-id", id);
        request.header("x-ms-client-request-id")
                .filter(each -> CLIENT_ID.matcher(each).matches())
                .ifPresent(each -> headers.put("x-ms-client-request-id", each));
        headers.put("X-Content-Type-Options", "nosniff");
        if (secure) {
            headers.put("Strict-Transport-Security", "max-age=31536000");
        }
        return new Reply(reply.status(), reply.mediaType(), reply.body(), headers, reply.code());
    }

    private String newId() {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }
}
