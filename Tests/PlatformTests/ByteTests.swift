import Platform
import TestKit
import Testing

@Suite struct ByteTests {
    @Test func valuesComeBackInOrder() throws {
        var writer = ByteWriter()
        writer.write(UInt8(200))
        writer.write(Int64.min)
        writer.write(Int128.max)
        writer.write(true)
        writer.write(varint: .max)
        writer.write(zigzag: -1)
        writer.write("마당")
        writer.write(bytes: [1, 2, 3])
        var reader = ByteReader(writer.bytes)
        #expect(try reader.read(UInt8.self) == 200)
        #expect(try reader.read(Int64.self) == .min)
        #expect(try reader.read(Int128.self) == .max)
        #expect(try reader.readBool())
        #expect(try reader.readVarint() == .max)
        #expect(try reader.readZigzag() == -1)
        #expect(try reader.readString() == "마당")
        #expect(try reader.readBytes() == [1, 2, 3])
        try reader.expectEnd()
    }

    @Test func integersAreLittleEndian() {
        var writer = ByteWriter()
        writer.write(UInt32(0x0102_0304))
        #expect(writer.bytes == [4, 3, 2, 1])
    }

    @Test(arguments: [
        ([], ByteError.truncated(at: 0)),
        ([0x80], .truncated(at: 0)),
        ([0x80, 0x00], .malformed(at: 0, what: "varint is too long")),
        ([UInt8](repeating: 0xFF, count: 9) + [2], .malformed(at: 0, what: "varint is too long")),
        ([UInt8](repeating: 0xFF, count: 11), .malformed(at: 0, what: "varint is too long")),
    ])
    func badVarintsAreRefused(_ bytes: [UInt8], _ error: ByteError) {
        var reader = ByteReader(bytes)
        #expect(throws: error) { try reader.readVarint() }
        #expect(reader.offset == 0)
    }

    @Test func aLengthBeyondTheEndIsTruncated() {
        var writer = ByteWriter()
        writer.write(varint: UInt64.max)
        var reader = ByteReader(writer.bytes)
        #expect(throws: ByteError.tooLong(at: 0, length: .max)) { try reader.readBytes() }
        reader = ByteReader([5, 1, 2])
        #expect(throws: ByteError.truncated(at: 0)) { try reader.readString() }
        #expect(reader.offset == 0)
    }

    @Test func trailingBytesAreFound() {
        let reader = ByteReader([1])
        #expect(throws: ByteError.trailing(at: 0)) { try reader.expectEnd() }
    }

    /// Random values round-trip; every prefix of their bytes throws and never traps.
    @Test(arguments: seeds(0..<50))
    func everyPrefixThrows(seed: UInt64) throws {
        var random = SeededRandom(seed)
        let numbers = (0..<8).map { _ in
            UInt64.random(in: 0 ... .max, using: &random) >> (random.next() % 64)
        }
        let text = String(repeating: "é", count: Int(random.next() % 40))
        var writer = ByteWriter()
        for number in numbers {
            writer.write(varint: number)
            writer.write(zigzag: Int64(bitPattern: number))
            writer.write(Int128(number))
        }
        writer.write(text)
        func readAll(_ bytes: [UInt8]) throws {
            var reader = ByteReader(bytes)
            for number in numbers {
                #expect(try reader.readVarint() == number)
                #expect(try reader.readZigzag() == Int64(bitPattern: number))
                #expect(try reader.read(Int128.self) == Int128(number))
            }
            #expect(try reader.readString() == text)
            try reader.expectEnd()
        }
        try readAll(writer.bytes)
        for length in 0..<writer.count {
            #expect(throws: ByteError.self) { try readAll(Array(writer.bytes.prefix(length))) }
        }
    }
}
