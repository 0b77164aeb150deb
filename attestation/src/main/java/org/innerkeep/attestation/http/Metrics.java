package org.innerkeep.attestation.http;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.innerkeep.attestation.AttestationType;

/** What the service counts, for Prometheus. Labels have few values, none of them from a request. Safe for use by several threads. */
final class Metrics {
    private static final double NANOS = Duration.ofSeconds(1).toNanos();

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Counter requests = Counter.builder()
            .name("innerkeep_requests_total")
            .help("Requests by operation and what came of them.")
            .labelNames("operation", "code")
            .register(registry);
    private final Histogram durations = Histogram.builder()
            .name("innerkeep_request_duration_seconds")
            .help("How long requests took, from their headers to the answer.")
            .labelNames("operation")
            .classicOnly()
            .register(registry);
    private final Counter attestations = Counter.builder()
            .name("innerkeep_attestations_total")
            .help("Attestations by type and what came of them.")
            .labelNames("type", "code")
            .register(registry);
    private final Histogram appraisals = Histogram.builder()
            .name("innerkeep_attestation_duration_seconds")
            .help("How long attestations took, without reading the request.")
            .labelNames("type")
            .classicOnly()
            .register(registry);
    private final Gauge inFlight =
            Gauge.builder().name("innerkeep_requests_in_flight").help("Requests that are not answered yet.").register(registry);

    void begun() {
        inFlight.inc();
    }

    void answered(String operation, String code, long nanos) {
        inFlight.dec();
        requests.labelValues(operation, code).inc();
        durations.labelValues(operation).observe(nanos / NANOS);
    }

    void attested(AttestationType type, String code, long nanos) {
        attestations.labelValues(type.segment(), code).inc();
        appraisals.labelValues(type.segment()).observe(nanos / NANOS);
    }

    byte[] exposition() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException("an array takes everything", e);
        }
        return out.toByteArray();
    }
}
