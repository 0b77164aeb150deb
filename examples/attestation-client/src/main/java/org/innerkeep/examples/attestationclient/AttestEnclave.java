package org.innerkeep.examples.attestationclient;

import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.security.attestation.AttestationClient;
import com.azure.security.attestation.AttestationClientBuilder;
import com.azure.security.attestation.models.AttestationData;
import com.azure.security.attestation.models.AttestationDataInterpretation;
import com.azure.security.attestation.models.AttestationOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;

/**
 * Attests an SGX enclave as a program for Azure Attestation does, with the address as the only change; and what such a program should do
 * with the token, since Azure's client accepts one that nobody signed.
 */
public final class AttestEnclave {
    private AttestEnclave() {}

    /**
     * Attests.
     *
     * @param arguments the service's address, a file with a quote, a file with the data that the quote is over, and a file with the
     *     service's key set, which was fetched once from {@code /certs} and is pinned
     * @throws IOException if a file cannot be read, or the token is not trusted
     * @throws MalformedException if the key set is none
     */
    public static void main(String[] arguments) throws IOException, MalformedException {
        AttestationClient client = new AttestationClientBuilder().endpoint(arguments[0]).buildClient();
        Claims claims = attest(
                client,
                arguments[0],
                Files.readAllBytes(Path.of(arguments[1])),
                Files.readAllBytes(Path.of(arguments[2])),
                Files.readAllBytes(Path.of(arguments[3])));
        System.out.println("trusted: " + claims.measurement().orElseThrow() + " signed by " + claims.signer().orElseThrow());
    }

    static Claims attest(AttestationClient client, String address, byte[] quote, byte[] data, byte[] keySet)
            throws IOException, MalformedException {
        AttestationOptions options = new AttestationOptions(BinaryData.fromBytes(quote))
                .setRunTimeData(new AttestationData(BinaryData.fromBytes(data), AttestationDataInterpretation.BINARY));
        String token = client.attestSgxEnclaveWithResponse(options, Context.NONE).getToken().serialize();
        return trusted(token, address, keySet);
    }

    /** The relying party: ten lines that do not depend on how the token came. */
    static Claims trusted(String token, String issuer, byte[] keySet) throws IOException, MalformedException {
        Verdict verdict = new Verifier()
                .verify(
                        token.getBytes(StandardCharsets.US_ASCII),
                        Endorsements.none(),
                        Instant.now(),
                        VerifierOptions.of(TokenIssuer.of(issuer, keySet)));
        if (verdict instanceof Verdict.Accepted accepted) {
            return accepted.claims();
        }
        throw new IOException("the token is not trusted: " + verdict);
    }
}
