/**
 * Intel's quotes by the Data Center Attestation Primitives: of SGX enclaves (versions 3, 4 and 5) and of trust domains (TDX, versions 4
 * and 5), as they are, in an Open Enclave report, or in an RA-TLS certificate.
 *
 * <p>The records read bytes and check nothing but their form: {@link org.innerkeep.evidence.dcap.Quote}, {@link
 * org.innerkeep.evidence.dcap.SgxReport}, {@link org.innerkeep.evidence.dcap.TdReport}, {@link
 * org.innerkeep.evidence.dcap.PckExtension}, {@link org.innerkeep.evidence.dcap.TcbInfo}, {@link
 * org.innerkeep.evidence.dcap.EnclaveIdentity}. {@link org.innerkeep.evidence.dcap.TcbEvaluation} compares versions and checks no
 * signature. {@link org.innerkeep.evidence.dcap.DcapVerifier} proves.
 */
@NullMarked
package org.innerkeep.evidence.dcap;

import org.jspecify.annotations.NullMarked;
