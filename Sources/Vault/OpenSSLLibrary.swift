import COpenSSL

/// The library in use.
package enum OpenSSLLibrary {
    /// `3.0.17`
    package static var version: String {
        "\(OPENSSL_version_major()).\(OPENSSL_version_minor()).\(OPENSSL_version_patch())"
    }

    /// Keeps what the library holds until the process is gone. Call it before anything else uses the library.
    ///
    /// By itself it frees everything in `exit`, and a thread that is in the library at that moment, such as one that
    /// opens a connection, ends the process by a signal instead of its exit code.
    package static func outlastExit() {
        _ = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
    }
}
