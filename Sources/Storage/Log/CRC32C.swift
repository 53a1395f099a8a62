/// CRC-32C (Castagnoli, reflected, as in iSCSI and ext4), eight bytes a step by tables.
///
/// Continues from `seed`, so that parts can be chained: `crc32c(b, seed: crc32c(a))` is that of
/// both.
func crc32c(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
    guard let base = bytes.baseAddress else { return seed }
    return crcTables.withUnsafeBufferPointer { tables in
        // The buffer holds 8 x 256 entries and every index below is under 2,048.
        guard let table = tables.baseAddress else { return seed }
        var crc = ~seed
        var at = 0
        while at &+ 8 <= bytes.count {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let mixed = word ^ UInt64(crc)
            crc = table[1792 &+ Int(mixed & 255)] ^ table[1536 &+ Int(mixed >> 8 & 255)]
            crc ^= table[1280 &+ Int(mixed >> 16 & 255)] ^ table[1024 &+ Int(mixed >> 24 & 255)]
            crc ^= table[768 &+ Int(mixed >> 32 & 255)] ^ table[512 &+ Int(mixed >> 40 & 255)]
            crc ^= table[256 &+ Int(mixed >> 48 & 255)] ^ table[Int(mixed >> 56)]
            at &+= 8
        }
        while at < bytes.count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            crc = table[Int((crc ^ UInt32(byte)) & 255)] ^ crc >> 8
            at &+= 1
        }
        return ~crc
    }
}

/// Entry `256 k + b`: the remainder of byte `b` followed by `k` zero bytes.
private let crcTables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
        var remainder = UInt32(byte)
        for _ in 0..<8 {
            remainder = remainder & 1 == 1 ? 0x82F6_3B78 ^ remainder >> 1 : remainder >> 1
        }
        tables[byte] = remainder
    }
    for entry in 256..<tables.count {
        let before = tables[entry - 256]
        tables[entry] = tables[Int(before & 255)] ^ before >> 8
    }
    return tables
}()
