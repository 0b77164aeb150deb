package org.innerkeep.evidence;

/**
 * Root keys that makers of hardware publish. None is trusted unless a relying party pins it: pass those to
 * {@link VerifierOptions#of(Anchor...)} whose makers you trust.
 */
public final class MakerRoots {
    private MakerRoots() {}

    /**
     * The root of AWS Nitro Enclaves for AWS's commercial regions, {@code aws.nitro-enclaves}, P-384; the certificate "Root G1", valid
     * to 2049-10-28, has the SHA-256 fingerprint
     * {@code 641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b}.
     *
     * @return the anchor
     */
    public static MakerRoot awsNitro() {
        return new MakerRoot(Maker.AWS, Bytes.fromHex(
                "3076301006072a8648ce3d020106052b8104002203620004fc0254eba608c1f36870e29ada90be46383292736e894bff"
                + "f672d989444b5051e534a4b1f6dbe3c0bc581a32b7b176070ede12d69a3fea211b66e752cf7dd1dd095f6f1370f41708"
                + "43d9dc100121e4cf63012809664487c9796284304dc53ff4"));
    }
}
