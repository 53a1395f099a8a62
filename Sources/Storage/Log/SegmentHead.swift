import Ports

/// What a segment file begins with.
///
/// All numbers little-endian: `MADNGLOG`; format version, and its complement; length of the head (a
/// multiple of 512); CRC-32C of what follows; segment; first record; record before which the host's
/// bytes were set; kernel version; then configuration hash, run id and the host's bytes, each after
/// its length. Zeros fill the rest.
struct SegmentHead: Hashable, Sendable {
    static let formatVersion: UInt32 = 1
    static let magic = Array("MADNGLOG".utf8)
    /// Magic, version, complement, length, CRC: where the fields begin.
    static let prefixLength = 24
    static let lengthLimit = 1 << 24

    var segment: UInt64
    var firstNumber: UInt64
    var identity: LogIdentity
    var extra: HeadExtra

    /// Bytes of the whole head.
    var length: Int {
        let fields =
            8 * 3 + 4 * 4 + identity.configurationHash.utf8.count + identity.runID.utf8.count
            + extra.bytes.count
        return (Self.prefixLength + fields + 511) / 512 * 512
    }

    /// The whole head, and its CRC: the seed of the CRC of every record in the segment, so that
    /// bytes left over from another segment never pass for records of this one.
    func encoded() -> (bytes: [UInt8], seed: UInt32) {
        var fields: [UInt8] = []
        fields.put(segment)
        fields.put(firstNumber)
        fields.put(extra.number)
        fields.put(identity.kernelVersion)
        for part in [
            Array(identity.configurationHash.utf8), Array(identity.runID.utf8), extra.bytes,
        ] {
            fields.put(UInt32(part.count))
            fields += part
        }
        let length = length
        fields += repeatElement(0, count: length - Self.prefixLength - fields.count)
        let seed = fields.withUnsafeBytes { crc32c($0) }
        var bytes = Self.magic
        bytes.put(Self.formatVersion)
        bytes.put(~Self.formatVersion)
        bytes.put(UInt32(length))
        bytes.put(seed)
        return (bytes + fields, seed)
    }

    /// Reads the head of the file at `place`.
    ///
    /// - Throws: `newerVersion` naming both, or `corrupt`.
    static func read(
        from file: borrowing LogFile
    ) throws(StoreError) -> (head: SegmentHead, seed: UInt32) {
        let prefix = try read(prefixLength, at: 0, from: file)
        guard prefix.count == prefixLength, Array(prefix[..<8]) == magic else {
            throw damaged(file.path, "this is not a segment of the log: its first bytes are wrong")
        }
        var fields = ByteReader(prefix[8...])
        let version = fields.take(UInt32.self) ?? 0
        guard fields.take(UInt32.self) == ~version else {
            throw damaged(file.path, "the version in the head is damaged")
        }
        guard version <= formatVersion else {
            throw StoreError(
                .newerVersion,
                "the log has format \(version), this program reads formats up to \(formatVersion)",
                at: file.path, advice: "use the program that wrote it, or a newer one")
        }
        let length = Int(fields.take(UInt32.self) ?? 0)
        let seed = fields.take(UInt32.self) ?? 0
        guard length >= prefixLength, length <= lengthLimit else {
            throw damaged(file.path, "the length in the head is damaged")
        }
        let body = try read(length - prefixLength, at: prefixLength, from: file)
        guard body.count == length - prefixLength, body.withUnsafeBytes({ crc32c($0) }) == seed,
            let head = SegmentHead(fields: body)
        else { throw damaged(file.path, "the head is damaged (checksum)") }
        return (head, seed)
    }

    private init?(fields bytes: [UInt8]) {
        var fields = ByteReader(bytes[...])
        guard let segment = fields.take(UInt64.self), let first = fields.take(UInt64.self),
            let number = fields.take(UInt64.self), let kernel = fields.take(UInt32.self),
            let hash = fields.takePart(), let run = fields.takePart(),
            let extra = fields.takePart()
        else { return nil }
        self.init(
            segment: segment, firstNumber: first,
            identity: LogIdentity(
                kernelVersion: kernel, configurationHash: String(decoding: hash, as: UTF8.self),
                runID: String(decoding: run, as: UTF8.self)),
            extra: HeadExtra(bytes: Array(extra), number: number))
    }

    init(segment: UInt64, firstNumber: UInt64, identity: LogIdentity, extra: HeadExtra) {
        self.segment = segment
        self.firstNumber = firstNumber
        self.identity = identity
        self.extra = extra
    }

    private static func read(
        _ count: Int, at offset: Int, from file: borrowing LogFile
    ) throws(StoreError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var read = 0
        var failure: StoreError?
        bytes.withUnsafeMutableBytes { buffer in
            do throws(StoreError) {
                read = try file.read(into: buffer, at: offset)
            } catch { failure = error }
        }
        if let failure { throw failure }
        bytes.removeLast(count - read)
        return bytes
    }

    private static func damaged(_ path: String, _ what: String) -> StoreError {
        StoreError(.corrupt, what, at: "\(path):0", advice: corruptAdvice)
    }
}

/// Bytes that the host keeps in segment heads, and the number of the first record that was appended
/// after they were set: they describe the state before it.
package struct HeadExtra: Hashable, Sendable {
    package var bytes: [UInt8]
    package var number: UInt64
}

/// What to do with a damaged log: the program never repairs it by guessing.
let corruptAdvice =
    "keep a copy of the folder, check the disk, and restore it from a backup; or start a new run"

extension [UInt8] {
    /// Appends the number, little-endian.
    mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}

/// Takes numbers and parts off the front of bytes; `nil` past the end.
struct ByteReader {
    private var rest: ArraySlice<UInt8>
    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func take<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        let size = MemoryLayout<Number>.size
        guard rest.count >= size else { return nil }
        defer { rest = rest.dropFirst(size) }
        return rest.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
    }

    /// Bytes after their 32-bit length.
    mutating func takePart() -> ArraySlice<UInt8>? {
        guard let count = take(UInt32.self).map(Int.init), rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
