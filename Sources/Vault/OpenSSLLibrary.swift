import COpenSSL

/// The library in use.
package enum OpenSSLLibrary {
    /// `3.0.17`
    package static var version: String {
        "\(OPENSSL_version_major()).\(OPENSSL_version_minor()).\(OPENSSL_version_patch())"
    }
}
