import Testing
import Vault

@Suite struct OpenSSLDigestTests {
    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String(Int($0) + 256, radix: 16).dropFirst() }.joined()
    }

    /// FIPS 180-4, examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func sha256(of text: String, is digest: String) {
        #expect(hex(OpenSSLDigest().sha256(Array(text.utf8))) == digest)
    }

    @Test func partsGiveTheSameAsTheWhole() {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let running = OpenSSLDigest().begin()
        for start in stride(from: 0, to: bytes.count, by: 333) {
            bytes[start..<min(start + 333, bytes.count)].withUnsafeBytes { running.update($0) }
        }
        #expect(running.finish() == OpenSSLDigest().sha256(bytes))
    }
}
