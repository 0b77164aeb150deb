package org.innerkeep.cli.leakcheck;

/** A form in which a secret can lie in a file or in memory. The forms named UTF16 are in either byte order. */
public enum Form {
    /** A whole row of a table as it stands in the CSV file, in UTF-8 and in Latin-1; in a Java heap, a compact string. */
    TEXT_ROW,
    /** A whole row in UTF-16: a Java string that is not compact, or a {@code char[]}. */
    TEXT_ROW_UTF16,
    /** {@link Needles#RUN} consecutive fields of a row with their separators, in UTF-8 and in Latin-1. */
    TEXT_RUN,
    /** {@link Needles#RUN} consecutive fields of a row with their separators, in UTF-16. */
    TEXT_RUN_UTF16,
    /** {@link Needles#RUN} consecutive numbers of a row, IEEE 754 binary32, in either byte order. */
    FLOAT32,
    /** {@link Needles#RUN} consecutive numbers of a row, IEEE 754 binary64, in either byte order. */
    FLOAT64,
    /** A key, as its bytes are. */
    KEY_RAW,
    /** A key in hexadecimal digits, all lower-case or all upper-case, one byte for each digit. */
    KEY_HEX,
    /** A key in hexadecimal digits in UTF-16. */
    KEY_HEX_UTF16,
    /** A key in base64, with the standard or the URL alphabet (RFC 4648 sections 4 and 5), padded or not. */
    KEY_BASE64,
    /** A key in base64 in UTF-16. */
    KEY_BASE64_UTF16,
    /** A key in a textual form of its own, such as an age identity. */
    KEY_TEXT,
    /** A key in a textual form of its own, in UTF-16. */
    KEY_TEXT_UTF16
}
