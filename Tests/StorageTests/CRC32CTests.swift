import Testing

@testable import Storage

@Suite struct CRC32CTests {
    /// RFC 3720, appendix B.4, and the check value of the CRC catalogues.
    @Test(
        arguments: [
            (Array("123456789".utf8), 0xE306_9283),
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0..<32), 0x46DD_794E),
            (Array((0..<32).reversed()), 0x113F_DB5C),
            ([], 0),
        ] as [([UInt8], UInt32)])
    func matchesPublishedVectors(_ bytes: [UInt8], _ expected: UInt32) {
        #expect(bytes.withUnsafeBytes { crc32c($0) } == expected)
    }

    @Test func partsChainAtEveryPlace() {
        let bytes = payload(77) + payload(78) + Array(0..<100)
        let whole = bytes.withUnsafeBytes { crc32c($0) }
        for cut in 0...bytes.count {
            let first = Array(bytes[..<cut]).withUnsafeBytes { crc32c($0) }
            #expect(Array(bytes[cut...]).withUnsafeBytes { crc32c($0, seed: first) } == whole)
        }
    }

    @Test func agreesWithBitByBit() {
        for number in UInt64(1)...60 {
            let bytes = payload(number)
            var slow: UInt32 = ~0
            for byte in bytes {
                slow ^= UInt32(byte)
                for _ in 0..<8 { slow = slow & 1 == 1 ? 0x82F6_3B78 ^ slow >> 1 : slow >> 1 }
            }
            #expect(bytes.withUnsafeBytes { crc32c($0) } == ~slow)
        }
    }
}
