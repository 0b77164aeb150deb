package org.innerkeep.attestation;

/**
 * The policies that hold where none was set. Those of the interface's types are as open as Microsoft Azure Attestation's own: they permit
 * whatever is proven, and the relying party looks at the token. This service's own type has one that refuses what protects nothing.
 */
public final class DefaultPolicies {
    private static final String SGX = """
            version= 1.1;
            configurationrules
            {
                => issueproperty(type="x-ms-sgx-tcbidentifier", value="azuredefault");
            };
            authorizationrules
            {
                => permit();
            };
            issuancerules
            {
                c:[type=="x-ms-sgx-is-debuggable"] => issue(type="is-debuggable", value=c.value);
                c:[type=="x-ms-sgx-mrsigner"] => issue(type="sgx-mrsigner", value=c.value);
                c:[type=="x-ms-sgx-mrenclave"] => issue(type="sgx-mrenclave", value=c.value);
                c:[type=="x-ms-sgx-product-id"] => issue(type="product-id", value=c.value);
                c:[type=="x-ms-sgx-svn"] => issue(type="svn", value=c.value);
                c:[type=="x-ms-attestation-type"] => issue(type="tee", value=c.value);
            };
            """;

    private static final String PERMIT = """
            version= 1.0;
            authorizationrules
            {
                => permit();
            };
            issuancerules
            {
            };
            """;

    private static final String OWN = """
            version= 1.0;
            authorizationrules
            {
                [type=="debug", value==true] => deny();
                [type=="platform", value=="mock"] => deny();
                => permit();
            };
            issuancerules
            {
            };
            """;

    private DefaultPolicies() {}

    /**
     * The policy of a type.
     *
     * @param type one that is offered
     * @return its text
     */
    public static String of(AttestationType type) {
        return switch (type) {
            case SGX_ENCLAVE, OPEN_ENCLAVE -> SGX;
            case EVIDENCE -> OWN;
            default -> PERMIT;
        };
    }
}
