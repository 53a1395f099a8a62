/// SHA-256 as the host needs it, so that rooms without cryptography can fingerprint files and chain rows.
///
/// Safe from any thread; pure.
package protocol Digest: Sendable {
    /// 32 bytes.
    func sha256(_ bytes: [UInt8]) -> [UInt8]
    /// A running digest over parts.
    func begin() -> any RunningDigest
}

/// A digest fed in parts, by one owner.
package protocol RunningDigest: AnyObject {
    func update(_ bytes: UnsafeRawBufferPointer)
    /// 32 bytes; the digest may not be fed afterwards.
    func finish() -> [UInt8]
}
