package org.innerkeep.attestation;

import java.util.List;

/**
 * Why a request is not served, as clients see it.
 *
 * @param code stable, for programs; those of Microsoft Azure Attestation where it has one
 * @param message what was wrong, where, and what to do; never a secret
 * @param details every single reason, where there are several
 */
public record Problem(Code code, String message, List<String> details) {
    /** The codes, each with its HTTP status. */
    public enum Code {
        /** The request is not of the form that the operation takes. */
        INVALID_REQUEST(400, "InvalidRequest"),
        /** The evidence, or something that belongs to it, is refused. */
        INVALID_PARAMETER(400, "InvalidParameter"),
        /** The operation cannot be done as it was asked for, such as with an unsigned policy where signed ones are needed. */
        INVALID_OPERATION(400, "InvalidOperation"),
        /** The policy does not permit what was proven. */
        POLICY_EVALUATION(400, "PolicyEvaluationError"),
        /** The policy is none. */
        POLICY_PARSING(400, "PolicyParsingError"),
        /** The {@code api-version} is missing or unknown. */
        API_VERSION(400, "UnsupportedApiVersion"),
        /** This service does not do what was asked for. */
        NOT_OFFERED(501, "NotOffered"),
        /** The caller has not shown who it is. */
        UNAUTHORIZED(401, "Unauthorized"),
        /** The caller may not do this. */
        FORBIDDEN(403, "Forbidden"),
        /** The request is not of the form that an operation on keys takes, in the words of Azure Key Vault. */
        BAD_PARAMETER(400, "BadParameter"),
        /** The vault has no such key. */
        KEY_NOT_FOUND(404, "KeyNotFound"),
        /** There is nothing under this path. */
        NOT_FOUND(404, "ResourceNotFound"),
        /** The path takes other methods. */
        METHOD_NOT_ALLOWED(405, "MethodNotAllowed"),
        /** The request took longer than it may. */
        TIMEOUT(408, "RequestTimeout"),
        /** Somebody else changed the same thing in between. */
        CONFLICT(409, "Conflict"),
        /** The body is larger than the operation takes. */
        TOO_LARGE(413, "PayloadTooLarge"),
        /** The body is of another media type than the operation takes. */
        MEDIA_TYPE(415, "UnsupportedMediaType"),
        /** More was asked of the service than it gives to one caller. */
        TOO_MANY_REQUESTS(429, "TooManyRequests"),
        /** It could not be found out whether to attest: something that the maker endorses is missing. */
        UNDECIDED(503, "EndorsementsUnavailable"),
        /** The service cannot keep what it must keep. */
        UNAVAILABLE(503, "ServiceUnavailable"),
        /** A fault of the service. */
        INTERNAL(500, "InternalError");

        private final int status;
        private final String text;

        Code(int status, String text) {
            this.status = status;
            this.text = text;
        }

        /** {@return the HTTP status} */
        public int status() {
            return status;
        }

        /** {@return the code in the answer} */
        @Override
        public String toString() {
            return text;
        }
    }

    /** Copies the list. */
    public Problem {
        details = List.copyOf(details);
    }

    /**
     * A problem with one reason.
     *
     * @param code the code
     * @param message what was wrong
     */
    public Problem(Code code, String message) {
        this(code, message, List.of());
    }
}
