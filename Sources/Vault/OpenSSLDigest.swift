import COpenSSL
package import Ports

/// SHA-256 by OpenSSL. Pure; safe from any thread.
package struct OpenSSLDigest: Digest {
    package init() {}

    package func sha256(_ bytes: [UInt8]) -> [UInt8] {
        let running = RunningSHA256()
        bytes.withUnsafeBytes { running.update($0) }
        return running.finish()
    }

    package func begin() -> any RunningDigest { RunningSHA256() }
}

/// One computation, by one owner. The calls can only fail for want of memory.
final class RunningSHA256: RunningDigest {
    private let context: OpaquePointer

    init() {
        guard let context = EVP_MD_CTX_new(),
            EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        else { preconditionFailure("OpenSSL cannot compute SHA-256: out of memory") }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    func update(_ bytes: UnsafeRawBufferPointer) {
        let result = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(result == 1, "SHA-256 was fed after its end")
    }

    func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        let result = EVP_DigestFinal_ex(context, &digest, nil)
        precondition(result == 1, "SHA-256 was finished twice")
        return digest
    }
}
