package org.innerkeep.channel.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VaultLocationTest {
    private static final String KEY = Samples.VAULT.toString();

    @ParameterizedTest
    @CsvSource({
        "https://Vault.Hospital.Example:8443,https://vault.hospital.example:8443",
        "HTTPS://vault.example,https://vault.example",
        "https://vault.example:443/,https://vault.example",
        "https://192.0.2.7:8443,https://192.0.2.7:8443",
        "https://[2001:db8::1]:8443,https://[2001:db8::1]:8443",
        "http://127.0.0.1:80,http://127.0.0.1",
        "http://[::1]:8080,http://[::1]:8080"
    })
    void onePlaceHasOneAddress(String written, String address) {
        VaultLocation location = VaultLocation.of(URI.create(written + "#" + KEY));
        assertThat(location.address()).isEqualTo(address);
        assertThat(location.vault()).isEqualTo(Samples.VAULT);
        assertThat(VaultLocation.address(URI.create(written))).isEqualTo(address);
        assertThat(VaultLocation.of(location.toUri())).isEqualTo(location);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "http://vault.example", "http://localhost:8443", "http://127.0.0.1.example", "ftp://vault.example", "//vault.example",
        "vault.example", "https:vault.example", "https://user@vault.example", "https://vault.example/a", "https://vault.example?a",
        "https://vault.example:0", "https://vault.example:65536", "https://a_b.example", "https://"
    })
    void nothingElseIsAnAddress(String written) {
        // What is no URI at all is refused before.
        assertThatIllegalArgumentException().isThrownBy(() -> VaultLocation.address(URI.create(written)));
    }

    @Test
    void anAddressWithoutItsKeyNamesNoVault() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VaultLocation.of(URI.create("https://vault.example")))
                .withMessageContaining("#vault-key:MFkw");
        for (String fragment : new String[] {"", "vault-key:", "keeper-key:AAAA", KEY + "=", KEY.substring(0, KEY.length() - 1)}) {
            assertThatIllegalArgumentException().isThrownBy(() -> VaultLocation.of(URI.create("https://vault.example#" + fragment)));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new VaultLocation("https://Vault.example", Samples.VAULT));
    }
}
