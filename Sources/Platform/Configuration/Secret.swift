import Glibc

/// A password, key or token. It is used by lending its text, and appears nowhere else:
/// not printed, dumped, mirrored, encoded, hashed or compared. Its memory is cleared at the end.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    package static let mask = "********"
    private let bytes: SecretBytes

    package init(_ text: String) { bytes = SecretBytes(Array(text.utf8)) }

    /// Lends the text; do not keep or print it.
    package func withText<Answer, Failure: Error>(
        _ body: (String) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        try body(String(decoding: bytes.memory, as: UTF8.self))
    }

    package var isEmpty: Bool { bytes.memory.isEmpty }
    package var description: String { Self.mask }
    package var debugDescription: String { Self.mask }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Memory of its own, overwritten when freed.
private final class SecretBytes {
    let memory: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) {
        memory = .allocate(capacity: bytes.count)
        _ = memory.initialize(from: bytes)
    }

    deinit {
        if let base = memory.baseAddress { explicit_bzero(base, memory.count) }
        memory.deallocate()
    }
}

// Safe because the memory is written before the object is shared, and then only when it is freed.
extension SecretBytes: @unchecked Sendable {}
